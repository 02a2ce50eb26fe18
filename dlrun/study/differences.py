"""What has changed in a sweep since its study began, as a message."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dlrun.run_directory.json_text import to_json
from dlrun.search.suggestion import identity
from dlrun.study.component_text import as_written

_SHOWN, _LONGEST = 3, 60
"""Differences that a message shows, and the letters of a value in it."""
_COMPONENTS = ("search", "prune")
"""Parts of the identity that are the Python text of a component."""
_BEFORE = 20
"""Letters of a long value before the first difference."""


def described(changed: Sequence[str], before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """The parts of the identity of a study that have changed, and what to do.

    Args:
        changed: the keys of these parts.
        before: the identity with which the study began.
        now: that of the sweep.
    """
    advice = "restore it, give the sweep another name, or remove the directory"
    if changed == ["data"]:
        return f"the data has changed since the study began; {advice}"
    subject = "spec" if changed == ["spec"] else "sweep"
    texts = [
        f"{path.removeprefix('spec.') if subject == 'spec' else path} was {_shown(was, value)}, "
        f"now {_shown(value, was)}"
        for key in changed
        if key != "data"
        for path, was, value in _differences(
            key, *(_readable(key, each.get(key)) for each in (before, now))
        )
    ]
    more = f" and {len(texts) - _SHOWN} more" if len(texts) > _SHOWN else ""
    shown = "; ".join(texts[:_SHOWN])
    return f"the {subject} has changed since the study began: {shown}{more}; {advice}"


def _readable(key: str, value: Any) -> Any:
    """A part of the identity as in a sweep, which has Python text for some components."""
    return as_written(value) if key in _COMPONENTS and isinstance(value, str) else value


def _differences(path: str, before: Any, now: Any) -> Iterator[tuple[str, Any, Any]]:
    """The paths of the innermost values that differ, with both values; None for a missing one."""
    if isinstance(before, dict) and isinstance(now, dict):
        for key in dict.fromkeys([*now, *before]):
            yield from _differences(f"{path}.{key}", before.get(key), now.get(key))
    elif isinstance(before, list) and isinstance(now, list) and len(before) == len(now):
        for number, (old, new) in enumerate(zip(before, now, strict=True)):
            yield from _differences(f"{path}.{number}", old, new)
    elif identity(before) != identity(now):
        yield path, before, now


def _shown(value: Any, other: Any) -> str:
    """A value; of a long one the part where it differs from the other."""
    if value is None:
        return "not set"
    text, second = _text(value), _text(other)
    if len(text) <= _LONGEST:
        return text
    pairs = enumerate(zip(text, second, strict=False))
    differ = next((place for place, (one, two) in pairs if one != two), len(second))
    start = max(0, differ - _BEFORE)
    end = start + _LONGEST
    return "..." * (start > 0) + text[start:end] + "..." * (end < len(text))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else to_json(value)
