"""Text from files, as a terminal and a reader may be given it."""

from __future__ import annotations

from unicodedata import category


def printable(text: str) -> str:
    r"""The text in one line, each character that is not shown as itself escaped, as ``\x1b``.

    Escaped are controls (C0 and C1, which a terminal obeys), line ends, what changes the direction
    or the joining of letters (U+202E, U+200B), lone surrogates, and code points without a meaning.
    Spaces of all widths stay.
    """
    if text.isprintable():
        return text
    return "".join(letter if _is_shown(letter) else _escaped(letter) for letter in text)


def _is_shown(letter: str) -> bool:
    return letter.isprintable() or category(letter) == "Zs"


def _escaped(letter: str) -> str:
    return letter.encode("unicode_escape").decode()
