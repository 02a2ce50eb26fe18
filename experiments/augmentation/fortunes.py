"""Write a table of sayings of three kinds from Debian's package fortunes for fortunes.yaml.

    python -m experiments.augmentation.fortunes

writes fortunes.csv: sayings of 4 to 40 words, at most 400 of each kind, without
the line that names the author.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path

INSTALLED = Path("/usr/share/games/fortunes")
KINDS = ("computers", "politics", "songs-poems")
FEWEST, MOST, EACH = 4, 40, 400


def installed() -> bool:
    """Whether the package is there."""
    return all((INSTALLED / kind).is_file() for kind in KINDS)


def sayings(kind: str) -> Iterator[str]:
    """The distinct sayings of a kind, in the order of its file."""
    seen = set()
    for saying in (INSTALLED / kind).read_text(encoding="utf-8").split("\n%\n"):
        words = saying.split("\n\t\t--")[0].split()
        text = " ".join(words)
        if FEWEST <= len(words) <= MOST and text not in seen:
            seen.add(text)
            yield text


def write(path: Path) -> None:
    """Write the table."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("text", "label"))
        for kind in KINDS:
            writer.writerows((text, kind) for text in list(sayings(kind))[:EACH])


if __name__ == "__main__":
    write(Path(__file__).with_name("fortunes.csv"))
