"""Sayings of three kinds, out of Debian's package fortunes, as a table.

    python experiments/augmentation/fortunes.py

writes fortunes.csv beside itself.  Sayings of 4 to 40 words are taken, at most 400 of a kind,
without the line that says whose they are.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

INSTALLED = Path("/usr/share/games/fortunes")
KINDS = ("computers", "politics", "songs-poems")
FEWEST, MOST, EACH = 4, 40, 400


def sayings(kind: str) -> Iterator[str]:
    """The different ones of a kind, in the order of its file."""
    found = set()
    for saying in (INSTALLED / kind).read_text(encoding="utf-8").split("\n%\n"):
        words = saying.split("\n\t\t--")[0].split()
        text = " ".join(words)
        if FEWEST <= len(words) <= MOST and text not in found:
            found.add(text)
            yield text


def write(path: Path) -> None:
    """The table."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("text", "label"))
        for kind in KINDS:
            writer.writerows((text, kind) for text in list(sayings(kind))[:EACH])


if __name__ == "__main__":
    write(Path(__file__).with_name("fortunes.csv"))
