"""Write docs/guide/experiments.md from the findings of all experiments: ``make docs``.

No part of it is written by hand, and tests/test_docs.py fails if it differs from the findings.  An
argument is another file to write.
"""

from __future__ import annotations

import sys
from pathlib import Path

from dlrun.findings.find import find_records
from dlrun.findings.markdown import grid
from dlrun.findings.record import Record
from dlrun.findings.words import COLUMNS, cells

ROOT = Path(__file__).parents[1]
ORDER = (
    "initialization",
    "optimizers",
    "batch_normalization",
    "early_stopping",
    "tuning",
    "augmentation",
    "all_together",
    "published",
)
"""The folders in the order of the page; others follow by name."""

HEAD = """\
<!-- Written by docs/build_gallery.py; run an experiment and `make docs`. -->

# Experiments

What the field teaches about training networks, tested with dlrun. Each experiment is a folder in
[experiments](../../experiments) with its sweeps, its findings and its pictures.
`make experiments` runs all of them again, in about an hour, and
`make experiments NAME=initialization` one.
Claims are paired over seeds and corrected for the number of claims of an experiment.
A claim that does not hold is listed as such.
A difference is positive in the claimed direction, also where lower values are better.
A claim holds if the interval in parentheses is where it is required."""


def gallery() -> str:
    """The text of the page."""
    records, broken = find_records(ROOT / "experiments")
    if broken:
        sys.exit("\n".join(broken))
    found = {folder.name: record for folder, record in records.items()}
    names = sorted(found, key=lambda name: (_place(name), name))
    return "\n\n".join([HEAD, _index(found, names), *(_part(name, found[name]) for name in names)])


def _place(name: str) -> int:
    return ORDER.index(name) if name in ORDER else len(ORDER)


def _index(found: dict[str, Record], names: list[str]) -> str:
    rows = []
    for name in names:
        words = [each.verdict for each in found[name].claims]
        counts = [words.count(word) for word in ("holds", "the opposite holds", "undecided")]
        link = f"[{found[name].title}](../../experiments/{name}/README.md)"
        rows.append((link, *map(str, (len(words), *counts))))
    return grid(("experiment", "claims", "hold", "opposite holds", "undecided"), rows)


def _part(name: str, record: Record) -> str:
    folder = f"../../experiments/{name}"
    parts = [f"## {record.title}", record.question]
    parts += [f"![{each.alt}]({folder}/{each.file})" for each in record.pictures[:1]]
    shown = ("claim", "verdict", "measure", "difference", "required")
    claims = [dict(zip(COLUMNS, cells(each), strict=True)) for each in record.claims]
    parts += [grid(shown, [[each[name] for name in shown] for each in claims])] if claims else []
    parts += [record.result, f"[Method, tables and limits]({folder}/README.md)"]
    return "\n\n".join(parts)


if __name__ == "__main__":
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "guide" / "experiments.md"
    path.write_text(gallery() + "\n", encoding="utf-8")
