"""The base of peers: searches that are told one result before they are asked for the next."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from dlrun.search.space import Space
from dlrun.search.suggestion import Suggestion, identity

_NO_WORST = 10.0
"""The value of a failure before there is any other value."""


class Search(Protocol):
    """A search that has begun."""

    def ask(self) -> Suggestion | None:
        """What to try next; None if nothing is left."""

    def tell(self, suggestion: Suggestion, value: float | None) -> None:
        """The value of the suggestion of the latest ``ask``; None if it failed."""


@dataclass(frozen=True, slots=True)
class Peer:
    """A way to search.

    Attributes:
        name: such as ``optuna-tpe``.
        package: the distribution that it belongs to; empty for this one.
        begin: starts a search; takes the space, a seed and the number of trials.
        budgeted: whether a search depends on the number of trials, so that the first 20 trials of
            a search of 40 are not those of a search of 20.
    """

    name: str
    package: str
    begin: Callable[[Space, int, int], Search]
    budgeted: bool = False


def active(space: Space, values: Mapping[str, Any]) -> Suggestion:
    """The suggestion of a library without conditions, which has values for all keys."""
    suggestion: Suggestion = {}
    for key in space.keys:
        if space.counts(key, suggestion):
            value = values[key]
            suggestion[key] = value.item() if hasattr(value, "item") else value
    return suggestion


def listed(values: tuple[Any, ...], value: Any) -> Any:
    """The one of the values that a library returned, perhaps as another type of number."""
    value = value.item() if hasattr(value, "item") else value
    for each in values:
        if identity(each) == identity(value):
            return each
    return next(each for each in values if each == value)


class Worst:
    """For libraries that know no failures: one has the worst value so far."""

    def __init__(self) -> None:
        self._worst = -math.inf

    def __call__(self, value: float | None) -> float:
        """The value that is told instead of this one."""
        if value is None:
            return self._worst if math.isfinite(self._worst) else _NO_WORST
        self._worst = max(self._worst, value)
        return value
