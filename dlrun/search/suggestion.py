"""The data of a search: values by key, and the results of trials."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from dlrun.spec.flow import real

_NUMBER = "$number"
_UNSEALED = {"inf": math.inf, "-inf": -math.inf, "nan": math.nan}

Suggestion = dict[str, Any]
"""Plain Python values by dotted key; inactive keys (see ``when``) are left out."""


@dataclass(frozen=True, slots=True)
class Completed:
    """A trial that has ended.

    Attributes:
        number: of the trial, from 0; below 0 for trials of earlier studies, which a sampler learns
            from but does not count.
        suggestion: its values.
        value: the objective, lower is better; None for a failed trial.
        again: whether it may be suggested again, because an earlier study never trained it to the
            end.
    """

    number: int
    suggestion: Mapping[str, Any]
    value: float | None
    again: bool = False


def identity(data: Any) -> str:
    """A text that is the same for the same values, in any order of their keys.

    True, 1, 1.0 and "1" are four different values.
    """
    return json.dumps(data, sort_keys=True)


def sealed(data: Any) -> Any:
    """The same data with infinities and NaN encoded, which JSON lacks; see ``unsealed``."""
    if isinstance(data, float) and not math.isfinite(data):
        return {_NUMBER: repr(data)}
    return _each(data, sealed)


def unsealed(data: Any) -> Any:
    """The original of sealed data."""
    if isinstance(data, dict) and data.keys() == {_NUMBER} and data[_NUMBER] in _UNSEALED:
        return _UNSEALED[data[_NUMBER]]
    return _each(data, unsealed)


def legible(data: Any) -> Any:
    """The same data with YAML's words, such as ``.inf``, for values that JSON does not have."""
    if isinstance(data, float) and not math.isfinite(data):
        return real(data)
    return _each(data, legible)


def _each(data: Any, change: Callable[[Any], Any]) -> Any:
    if isinstance(data, tuple | list):
        return [change(item) for item in data]
    if isinstance(data, Mapping):
        return {key: change(value) for key, value in data.items()}
    return data


def thawed(data: Any) -> Any:
    """Values of a frozen component as in a suggestion: tuples become lists."""
    return _each(data, thawed)
