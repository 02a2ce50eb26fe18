"""Findings as Markdown, for a README."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from dlrun.errors import DataError
from dlrun.findings.record import Record, Table
from dlrun.findings.words import COLUMNS, cell_text, cells
from dlrun.run_directory.access import present, read_bytes
from dlrun.run_directory.atomic import replace

_MARK = "<!-- Written from findings.json. -->"
"""The first line of every such README, which may be replaced."""


def write_readme(folder: Path, record: Record) -> None:
    """Write README.md into a folder, atomically.

    Raises:
        DataError: another README.md is there, or it cannot be written.
    """
    path = folder / "README.md"
    if present(path) and not read_bytes(path).startswith(_MARK.encode()):
        raise DataError(f"{path}: was not written from findings; rename it or use another folder")
    replace(path, as_markdown(record))


def as_markdown(record: Record) -> str:
    """The text of a README: question, method, pictures, verdicts, tables, result, limits."""
    parts = [_MARK, f"# {record.title}", record.question, f"**Method.** {record.method}"]
    parts += [f"![{each.alt}]({each.file})\n\n*{each.title}*" for each in record.pictures]
    parts.append(f"**Result.** {record.result}")
    parts.append(claims_table(record))
    parts += [f"{each.title}:\n\n{_table(each)}" for each in record.tables]
    parts.append(f"**What would change it.** {record.limits}")
    versions = ", ".join(f"{name} {value}" for name, value in record.environment.items())
    parts.append(
        f"**Run it again.** `{record.command}` took {record.seconds:.0f} s and ended on "
        f"{record.made[:10]} ({versions})."
    )
    return "\n\n".join(part for part in parts if part) + "\n"


def claims_table(record: Record) -> str:
    """The claims with their tests; empty if there are none."""
    if not record.claims:
        return ""
    rows = []
    for each in record.claims:
        claim, verdict, *rest = cells(each)
        remark = f" *{each.remark}*" if each.remark else ""
        rows.append((claim + remark, f"**{verdict}**", *rest))
    level = max(each.confidence for each in record.claims)
    note = (
        f"Positive differences are in the claimed direction. Their intervals are t-intervals over "
        f"pairs with confidence up to {100 * level:.4g} %, so that all verdicts together have "
        f"that of a single test (Holm). d is the mean difference in standard deviations of the "
        f"differences."
    )
    return f"{grid(COLUMNS, rows)}\n\n{note}"


def _table(table: Table) -> str:
    return grid(table.header, [tuple(map(cell_text, row)) for row in table.rows])


def grid(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; a cell may contain Markdown, on one line."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(map(_escaped, line)) + " |" for line in lines)


def _escaped(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())
