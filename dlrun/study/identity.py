"""Whether a study that has begun is the one that its sweep describes now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dlrun.data.fingerprint import same_data
from dlrun.errors import DataError
from dlrun.run_directory.json_text import to_json
from dlrun.search.suggestion import identity
from dlrun.study.store.directory import StudyDirectory
from dlrun.study.store.state import State
from dlrun.study.sweep.plan import SweepPlan

_WIDENED = ("space", "constraints")
"""Keys that may change while all trials of the study still fit."""
SEARCH = "search"
"""Key of the sampler, which may change: all trials stay comparable, wherever their values come
from."""
_SHOWN, _LONGEST = 3, 60
"""Differences that a message shows, and the letters of a value in it."""


def check_identity(
    plan: SweepPlan, directory: StudyDirectory, state: State, *, asked: bool
) -> None:
    """Make sure that a study can be continued with a sweep; a new study always can.

    Args:
        plan: the sweep as it is now.
        directory: of the study.
        state: of the study.
        asked: whether its runs are trained by other programs, as with ``dlrun suggest``.

    Raises:
        DataError: the study began with another sweep, spec, data or command.
    """
    before, now = state.identity, plan.identity()
    if before is None:
        return
    if state.asked != asked:
        commands = ("dlrun tune", "dlrun suggest and dlrun report-result")
        raise DataError(
            f"{directory.path}: this study was begun by {commands[state.asked]}; continue it with "
            "the same command"
        )
    changed = [
        key
        for key in dict.fromkeys([*now, *before])
        if key not in (*_WIDENED, SEARCH) and not _same(key, before.get(key), now.get(key))
    ]
    if changed:
        raise DataError(f"{directory.path}: {_described(changed, before, now)}")
    for number, suggestion in state.trials():
        if not plan.space.contains(suggestion):
            raise DataError(
                f"{directory.path}: trial {number} of this study is outside the new space "
                f"({to_json(suggestion)}); a space can only be widened"
            )


def _same(key: str, before: Any, now: Any) -> bool:
    """Whether a part of a study's identity is still the same."""
    return same_data(before, now) if key == "data" else identity(before) == identity(now)


def _described(changed: Sequence[str], before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """The parts of the identity that have changed, and what to do."""
    advice = "restore it, give the sweep another name, or remove the directory"
    if changed == ["data"]:
        return f"the data has changed since the study began; {advice}"
    subject = "spec" if changed == ["spec"] else "sweep"
    texts = [
        f"{path.removeprefix('spec.') if subject == 'spec' else path} was {_shown(was)}, now "
        f"{_shown(value)}"
        for key in changed
        if key != "data"
        for path, was, value in _differences(key, before.get(key), now.get(key))
    ]
    more = f" and {len(texts) - _SHOWN} more" if len(texts) > _SHOWN else ""
    shown = "; ".join(texts[:_SHOWN])
    return f"the {subject} has changed since the study began: {shown}{more}; {advice}"


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


def _shown(value: Any) -> str:
    if value is None:
        return "not set"
    text = value if isinstance(value, str) else to_json(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."


def another_sampler(before: str, now: str, first: int) -> str:
    """A line about the change of the sampler of a study.

    Args:
        before: the sampler so far, with its settings.
        now: the new one.
        first: the first trial that it suggests.
    """
    kinds = [text.partition("(")[0].lower() for text in (now, before)]
    new, old = kinds if kinds[0] != kinds[1] else (now, before)
    return f"from trial {first} on, {new} instead of {old}"
