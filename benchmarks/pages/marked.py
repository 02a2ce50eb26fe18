"""Tables in Markdown, each after a comment with its name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence


def replaced(text: str, tables: Mapping[str, str]) -> str:
    """The text with the tables after the comments ``<!-- name -->`` replaced.

    Raises:
        ValueError: the text has no comment with one of the names.
    """
    for name, new in tables.items():
        head = f"<!-- {name} -->\n"
        if head not in text:
            raise ValueError(f"there is no comment {head.strip()}")
        pattern = re.compile(re.escape(head) + r"(?:\|.*\n)*")
        text = pattern.sub(lambda _, new=head + new: new, text)
    return text


def table(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """The lines of a table, of which ``head`` is the first."""
    rows = [head, ["---"] * len(head), *lines]
    return "".join(f"| {' | '.join(row)} |\n".replace("  ", " ") for row in rows)
