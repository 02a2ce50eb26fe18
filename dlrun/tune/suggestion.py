"""What a search passes around: values by key, and what became of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Suggestion = dict[str, Any]
"""Plain Python values by dotted key; keys whose ``when`` does not hold are left out."""


@dataclass(frozen=True, slots=True)
class Completed:
    """A trial that has ended.

    Attributes:
        number: of the trial, from 0; below 0 for trials of earlier studies, which a sampler learns
            from and does not count.
        suggestion: its values.
        value: the objective, less is better; None for a trial that failed.
    """

    number: int
    suggestion: Mapping[str, Any]
    value: float | None


def identity(data: Any) -> str:
    """Text that is the same for the same values, in whatever order their keys stand.

    True, 1, 1.0 and "1" are four values.
    """
    return json.dumps(data, sort_keys=True)


def thawed(data: Any) -> Any:
    """Values of a frozen component as a suggestion holds them: tuples become lists."""
    if isinstance(data, tuple | list):
        return [thawed(item) for item in data]
    if isinstance(data, Mapping):
        return {key: thawed(value) for key, value in data.items()}
    return data
