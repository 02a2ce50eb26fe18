"""The form of YAML in which dlrun writes a resolved spec, and nothing else.

A key or an item per line, indented by two, with plain or single-quoted values.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from dlrun.spec.core_schema import resolve

_LINE = re.compile(r"( *)(- )?(?:(\w[\w-]*):(?: (.+))?|(.+))")
_PLAIN = re.compile(r"[\w./+-][\w./+ -]*(?<! )")
_QUOTED = re.compile(r"'([^'\\]*)'")
_EMPTY = ("[]", "{}")


class OtherFormError(Exception):
    """The text is not in the form that dlrun writes."""


def quick(text: str) -> dict[str, Any]:
    """The single values of a resolved spec by dotted key.

    Raises:
        OtherFormError: it is not in that form; it may be a valid spec all the same.
    """
    found: dict[str, Any] = {}
    at = {0: ""}  # the key of the mapping or list whose lines have an indentation
    items: dict[int, int] = {}  # how many items its list has
    opened = 0  # the indentation that the next line must have after `key:`, else -1
    for line in text.removesuffix("\n").split("\n"):
        indent, is_item, key, value, nested = _parts(line)
        if (opened >= 0 and indent != opened) or indent not in at:
            raise OtherFormError
        for deeper in [each for each in at if each > indent]:
            del at[deeper]
            items.pop(deeper, None)
        prefix = at[indent]
        if is_item:
            number = items.get(indent, 0)
            if (opened < 0 and not number) or not prefix:
                raise OtherFormError
            items[indent] = number + 1
            prefix = f"{prefix}.{number}"
            indent += 2
            at[indent] = prefix
        elif indent in items:
            raise OtherFormError
        full = (f"{prefix}.{key}" if prefix else key) if key else prefix
        if full in found:
            raise OtherFormError
        opened = -1
        if nested:
            opened = indent + 2
            at[opened] = full
            items.pop(opened, None)
            found[full] = OtherFormError  # so that the key cannot be repeated
        else:
            found[full] = value
    if opened >= 0:
        raise OtherFormError
    return {key: value for key, value in found.items() if value is not OtherFormError}


@lru_cache(maxsize=4096)
def _parts(line: str) -> tuple[int, bool, str, Any, bool]:
    """A line: its indentation, whether it begins an item, its key, its value, whether more follows.

    Most lines are the same in many specs.
    """
    found = _LINE.fullmatch(line)
    if found is None:
        raise OtherFormError
    spaces, dash, key, value, alone = found.groups()
    if key is None and dash is None:
        raise OtherFormError
    if key is not None and (key[0].isdecimal() or not _is_text(key)):
        raise OtherFormError
    text = alone if key is None else value
    if text is None:
        return len(spaces), dash is not None, key, None, True
    return len(spaces), dash is not None, key or "", _value(text), False


def _value(text: str) -> Any:
    if text in _EMPTY:
        return text
    quoted = _QUOTED.fullmatch(text)
    if quoted is not None:
        return quoted[1]
    if text.startswith("- ") or text == "-" or text == "---" or not _PLAIN.fullmatch(text):
        raise OtherFormError
    try:
        return resolve(text)
    except ValueError:
        raise OtherFormError from None


def _is_text(word: str) -> bool:
    return isinstance(resolve(word), str)
