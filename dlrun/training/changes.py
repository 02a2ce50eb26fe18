"""What differs between a run as it began and as it is to go on, where that changes its result."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dlrun.data.fingerprint import same_data
from dlrun.spec.resolved import dump
from dlrun.training.experiment import Experiment

_FREE = ("params", "max_time", "checkpoint", "epochs")
"""Keys that change no bit: values of ``params`` show where they are used, and epochs may grow."""
_ABSENT = "absent"
_LONGEST = 60


def changes(
    before: Experiment, now: Experiment, ran: Mapping[str, Any], runs: Mapping[str, Any]
) -> list[str]:
    """What differs, in words.

    Args:
        before: the spec of the run, anchored.
        now: what it is to be, anchored.
        ran: the environment of the run.
        runs: that of this process.
    """
    old, new = dump(before), dump(now)
    found = [
        f"{path} was {_word(was)} and is {_word(is_)}"
        for key in old
        if key not in _FREE
        for path, was, is_ in _differences(key, old[key], new[key])
    ]
    if now.epochs < before.epochs:
        found.append(f"epochs was {before.epochs} and is {now.epochs}, they can only grow")
    if not same_data(ran.get("data"), runs.get("data")):
        found.append("the data has other values than it had")
    for key in ("python", "kernels", "plugins", "packages"):
        found += [
            f"{path} was {_word(was)} and is {_word(is_)}"
            for path, was, is_ in _differences(key, ran.get(key), runs.get(key))
        ]
    return found


def _differences(path: str, was: Any, is_: Any) -> Iterator[tuple[str, Any, Any]]:
    """The places in which two values differ, as deep down as may be."""
    if isinstance(was, dict) and isinstance(is_, dict) and was.keys() & is_.keys():
        for key in sorted(was.keys() | is_.keys()):
            yield from _differences(f"{path}.{key}", was.get(key, _ABSENT), is_.get(key, _ABSENT))
    elif isinstance(was, list) and isinstance(is_, list) and len(was) == len(is_):
        for number, (one, other) in enumerate(zip(was, is_, strict=True)):
            yield from _differences(f"{path}.{number}", one, other)
    elif was != is_:
        yield path, was, is_


def _word(value: Any) -> str:
    """A value as it can stand in a sentence."""
    if isinstance(value, dict) and len(value) == 1:  # a component with its fields
        (value,) = value
    text = str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
