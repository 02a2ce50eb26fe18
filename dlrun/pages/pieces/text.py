"""Short pieces of text: states, facts, large numbers, command lines, files, folded pieces."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from dlrun.pages.markup import Html, tag
from dlrun.pages.section import Piece
from dlrun.run_directory.access import present, read_bytes

_LETTERS = 64 * 1024
"""Maximum length of a file that is shown whole."""


_GOOD = ("done", "early-stopped", "holds")
_BAD = ("broken", "diverged", "failed", "killed", "the opposite holds")


def badge(status: str) -> Html:
    """The state of a run, a study or a claim in colour."""
    kind = " good" if status in _GOOD else " bad" if status in _BAD else ""
    return tag("span", status, class_=f"badge{kind}")


def files(paths: Mapping[str, Path]) -> list[Piece]:
    """The text of files of a run or a study, folded, by their titles; missing ones are left out.

    Raises:
        DataError: one is not a regular file, or is too large.
    """
    pieces = []
    for title, path in paths.items():
        if present(path):
            text = read_bytes(path).decode(errors="replace")
            more = "" if len(text) <= _LETTERS else "\n# ... the rest is left out"
            pieces.append(folded(title, Piece(tag("pre", text[:_LETTERS] + more))))
    return pieces


def facts(entries: Mapping[str, str]) -> Piece:
    """Names with their values; a value may be HTML."""
    parts: list[Html] = []
    for name, value in entries.items():
        parts += (tag("dt", name), tag("dd", value))
    return Piece(tag("dl", parts, class_="facts"))


def cards(values: Mapping[str, str]) -> Piece:
    """A few important values, large."""
    made = [
        tag("div", [tag("b", value), tag("span", name)], class_="card")
        for name, value in values.items()
    ]
    return Piece(tag("div", made, class_="cards"))


def command(lines: Sequence[str]) -> Piece:
    """Command lines to copy."""
    return Piece(tag("pre", tag("code", "\n".join(lines))))


def folded(title: str, piece: Piece) -> Piece:
    """A piece that is shown after a click on its title."""
    return Piece(tag("details", [tag("summary", title), piece.html]), piece.data)
