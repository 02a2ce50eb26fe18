"""Text from files, made safe to print in a terminal, and to fit there."""

from __future__ import annotations

from unicodedata import category


def printable(text: str) -> str:
    r"""The text in one line, with characters that are not visible escaped, e.g. ``\x1b``.

    Escaped are control characters (C0 and C1, which a terminal would execute), line breaks,
    characters that change the direction or joining of letters (U+202E, U+200B), lone surrogates,
    and unassigned code points.  Spaces of all widths stay.
    """
    if text.isprintable():
        return text
    return "".join(letter if _is_shown(letter) else _escaped(letter) for letter in text)


def shortened(text: str, room: int, mark: str = "…") -> str:
    """The printable text, at most ``room`` characters: a mark replaces the middle of a longer one.

    At least one character is kept on each side of the mark.
    """
    text = printable(text)
    if len(text) <= room:
        return text
    end = max(1, (room - len(mark)) // 2)
    return text[: max(1, room - len(mark) - end)] + mark + text[-end:]


def reason_of(error: Exception) -> str:
    """What another library says about a file in one line, which may hold bytes of the file."""
    return shortened(" ".join(str(error).split()), 300)


_MARKDOWN = str.maketrans({"&": "&amp;", "<": "&lt;", "|": "&#124;", "`": "&#96;"})


def markdown(text: str) -> str:
    """The text such that Markdown shows it as it is, without tags, cells, links or pictures."""
    return printable(text).translate(_MARKDOWN).replace("](", "]&#40;")


def _is_shown(letter: str) -> bool:
    return letter.isprintable() or category(letter) == "Zs"


def _escaped(letter: str) -> str:
    return letter.encode("unicode_escape").decode()
