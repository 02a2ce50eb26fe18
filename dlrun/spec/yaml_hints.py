"""Where text that is not YAML has its error, and what to do."""

from __future__ import annotations

import re
from typing import Any

import yaml

from dlrun.spec.origin import InFile

_WHOLE = re.compile(r"[+-]?[0-9]+")
_REST = re.compile(r"[0-9]+(?:[eE][+-]?[0-9]+)?")


def mark_of(error: yaml.MarkedYAMLError) -> Any:
    """Where an error is: for text that is never closed, where it begins."""
    begins, noticed, context = error.context_mark, error.problem_mark, error.context or ""
    unclosed = "a flow" in context and begins and noticed and begins.line < noticed.line
    if begins and (unclosed or context.endswith(("a quoted scalar", "a simple key"))):
        return begins
    return noticed or begins


def is_fraction(before: Any, event: Any) -> bool:
    """Whether two scalars are the parts of a number around a decimal comma, such as 0,01.

    Args:
        before: the event of the first one.
        event: that of the next one.
    """
    touching = event.start_mark.index == before.end_mark.index + 1
    plain = before.implicit[0] and event.implicit[0]
    return bool(
        touching and plain and _WHOLE.fullmatch(before.value) and _REST.fullmatch(event.value)
    )


def hint(text: str, place: InFile, what: str) -> str:
    """What to do about text that is not YAML.

    Args:
        text: of the file.
        place: of the error.
        what: the message of the parser.
    """
    lines = text.splitlines()
    line = lines[place.line - 1] if place.line <= len(lines) else ""
    if "\t" in line[: len(line) - len(line.lstrip())]:
        return "indent with spaces, not tabs"
    if "a quoted scalar" in what:
        return f"close the quote {line[place.column - 1 : place.column]}"
    if "a simple key" in what:
        return "write 'key: value' with a space, and begin items of a list with '- '"
    if "${" in line and "a flow" in what:
        return "put ${...} in quotes inside { } and [ ]"
    for sign in line[max(0, place.column - 2) : place.column]:
        if sign in ",@`%*&":
            return f"a value that begins with {sign} must be in quotes: '{sign}'"
    if "a flow" in what:
        return f"close the {line[place.column - 1 : place.column]}"
    if "mapping values" in what:
        return "quote a value that contains ': ', and check the indentation and the line before"
    return "check the indentation and the line before"
