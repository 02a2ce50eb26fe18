"""Differences between a run and its resumption that change the result."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from dlrun.data.fingerprint import same_data
from dlrun.errors import InputError
from dlrun.experiment.experiment import Experiment
from dlrun.run_directory.circumstances import PROCESSOR, circumstances
from dlrun.spec.resolved import dump

_FREE = ("params", "max_time", "checkpoint", "epochs", "log")
"""Keys that may change: values of ``params`` are compared where they are used, and ``epochs`` may
grow."""
_NO_LONGER_NEEDED = ("safetensors",)
"""Packages that earlier versions recorded."""
_ELSEWHERE = ("on another processor", "with other BLAS kernels")
_ABSENT = "absent"
_LONGEST = 60


def changes(
    before: Experiment, now: Experiment, ran: Mapping[str, Any], runs: Mapping[str, Any]
) -> list[str]:
    """Every difference, in words.

    Args:
        before: the spec of the run, anchored, from ``moved.reading_from``.
        now: the spec to resume with, anchored.
        ran: the environment of the run.
        runs: that of this process.
    """
    old, new = dump(before), dump(now)
    found = [
        f"{path} was {_word(was)}, now {_word(is_)}"
        for key in old
        if key not in _FREE
        for path, was, is_ in _differences(key, old[key], new[key])
    ]
    if now.epochs < before.epochs:
        found.append(f"epochs was {before.epochs}, now {now.epochs}: it can only grow")
    if not same_data(ran.get("data"), runs.get("data")):
        found.append("the values of the data have changed")
    for key in ("python", "kernels", "plugins", "packages"):
        found += [
            f"{path} was {_word(was)}, now {_word(is_)}"
            for path, was, is_ in _differences(key, _that_matter(key, ran), runs.get(key))
        ]
    return found + _other_target(ran.get("numerics"), runs.get("numerics"))


def refused(path: Path, changed: Sequence[str], *, can_allow: bool = True) -> InputError:
    """The error of a run that cannot be resumed.

    Args:
        path: of its directory.
        changed: what has changed, from ``changes``.
        can_allow: whether the user may resume it anyway.
    """
    advice = "restore that, or start a new run (without --resume)"
    if can_allow:
        advice = (
            "restore that, start a new run (without --resume), or use --allow-changes to resume "
            "anyway"
        )
    return InputError(f"{path}: cannot resume: {'; '.join(changed)}; {advice}")


def other_processor(ran: Mapping[str, Any], runs: Mapping[str, Any]) -> str | None:
    """A note if a run without portable numerics is resumed on another processor; else None.

    Args:
        ran: the environment of the run.
        runs: that of this process.
    """
    if "numerics" in runs:
        return None
    before, now = circumstances(ran), circumstances(runs)
    parts = [
        f"{how} ({_word(now[name])}, was {_word(before[name])})"
        for name, how in zip(PROCESSOR, _ELSEWHERE, strict=True)
        if name in before and name in now and before[name] != now[name]
    ]
    if not parts:
        return None
    return (
        f"resumed {' and '.join(parts)}, so last bits may differ from an uninterrupted run; "
        "with 'numerics: portable', they do not"
    )


def _other_target(was: Any, is_: Any) -> list[str]:
    """Differences between two portable numerics; None or a mapping in each environment.

    The C library may be another one: its versions round alike in almost all cases.
    """
    if not isinstance(was, dict) or not isinstance(is_, dict):
        return []
    return [
        f"numerics.{key} was {_word(was.get(key, _ABSENT))}, now {is_[key]}"
        for key in ("target", "llvmlite")
        if was.get(key) != is_[key]
    ]


def _that_matter(key: str, ran: Mapping[str, Any]) -> Any:
    """A part of an older environment, without packages that dlrun no longer needs."""
    part = ran.get(key)
    if key == "packages" and isinstance(part, dict):
        return {name: version for name, version in part.items() if name not in _NO_LONGER_NEEDED}
    return part


def _differences(path: str, was: Any, is_: Any) -> Iterator[tuple[str, Any, Any]]:
    """The paths at which two values differ, as precisely as possible."""
    if isinstance(was, dict) and isinstance(is_, dict) and was.keys() & is_.keys():
        for key in sorted(was.keys() | is_.keys()):
            yield from _differences(f"{path}.{key}", was.get(key, _ABSENT), is_.get(key, _ABSENT))
    elif isinstance(was, list) and isinstance(is_, list) and len(was) == len(is_):
        for number, (one, other) in enumerate(zip(was, is_, strict=True)):
            yield from _differences(f"{path}.{number}", one, other)
    elif was != is_:
        yield path, was, is_


def _word(value: Any) -> str:
    """A value for use in a sentence."""
    if isinstance(value, dict) and len(value) == 1:  # a component with its fields
        (value,) = value
    text = str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
