"""Values of a key with which all trials fail."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass
from functools import partial
from typing import Any

from dlrun.search.dimensions.base import Dimension
from dlrun.search.dimensions.choice import Choice
from dlrun.search.dimensions.integer import Integer
from dlrun.search.dimensions.log_uniform import LogUniform
from dlrun.search.dimensions.uniform import Uniform
from dlrun.search.suggestion import identity
from dlrun.spec.flow import show

_FEWEST = 3
"""Minimum number of failed trials."""
_ERROR = 0.01
"""Probability that a study whose failures have nothing to do with its keys gets any such advice."""


Change = Callable[[Dimension], Dimension | None]
"""Returns a changed dimension; None if it cannot be changed in this way."""


@dataclass(frozen=True, slots=True)
class Failing:
    """Values with which all trials fail.

    Attributes:
        where: they are, in words.
        failed: number of trials with them.
        removed: returns a dimension without them; None if too little would be left.
    """

    where: str
    failed: int
    removed: Change


def failing(
    dimension: Dimension, trials: Sequence[tuple[Any, bool]], tests: int
) -> Iterator[Failing]:
    """The ends of a range, or the words of a list, with which all trials fail.

    If failures had nothing to do with the key, every choice of the failed trials would be equally
    likely, so the m largest values of n have all failed with probability C(n - m, F - m) / C(n, F),
    for F failures. Values are reported if that is at most 0.01, divided by the number of tests.

    Args:
        dimension: of a key.
        trials: with this key, its value and whether the trial failed.
        tests: how many ends and words all keys have together.
    """
    failures = sum(failed for _, failed in trials)
    good = [value for value, failed in trials if not failed]

    def sure(beyond: int) -> bool:
        chance = _chance(beyond, failures, len(trials))
        return beyond >= _FEWEST and chance * tests <= _ERROR

    if not good:
        return
    if not dimension.numeric:
        values = {identity(value): value for value, _ in trials}
        known = set(map(identity, good))
        for word, value in values.items():
            count = sum(identity(each) == word for each, _ in trials)
            if word not in known and sure(count):
                yield Failing(f"with {show(value)}", count, partial(_without, words={word}))
        return
    if not all(math.isfinite(value) for value, _ in trials):
        return
    low, high = min(good), max(good)
    for where, inner, beyond in (
        ("above", high, [value for value, _ in trials if value > high]),
        ("below", low, [value for value, _ in trials if value < low]),
    ):
        if sure(len(beyond)):
            nearest = min(beyond) if where == "above" else max(beyond)
            removed = partial(_bounded, good=inner, bad=nearest)
            yield Failing(f"{where} {show(inner)}", len(beyond), removed)


def _chance(beyond: int, failures: int, trials: int) -> float:
    """The probability that certain trials, so many of all, are among the failed ones."""
    return math.prod((failures - place) / (trials - place) for place in range(beyond))


def _without(dimension: Dimension, words: Set[str]) -> Dimension | None:
    """A list without the values of these identities."""
    if not isinstance(dimension, Choice):
        return None
    rest = tuple(value for value in dimension.values if identity(value) not in words)
    return dimension.model_copy(update={"values": rest}) if rest else None


def _bounded(dimension: Dimension, good: Any, bad: Any) -> Dimension | None:
    """The dimension with an end between the last good value and the first bad one."""
    if isinstance(dimension, Choice):
        beyond = {identity(v) for v in dimension.values if (v >= bad if good < bad else v <= bad)}
        return _without(dimension, beyond)
    if not isinstance(dimension, LogUniform | Uniform | Integer):
        return None
    low, high = dimension.ends
    end = _between(dimension, good, bad)
    ends = (low, end) if good < bad else (end, high)
    return dimension.model_copy(update={"ends": ends}) if ends[0] < ends[1] else None


def _between(dimension: LogUniform | Uniform | Integer, good: Any, bad: Any) -> Any:
    """A value between two, at their middle on the dimension's scale, with few digits.

    It may be the good one, and is never the bad one.
    """
    middle = dimension.at((dimension.position(good) + dimension.position(bad)) / 2)
    if isinstance(dimension, Integer):
        return good if middle == bad else middle
    for digits in range(17):
        short = float(f"{middle:.{digits}e}")
        if min(good, bad) <= short <= max(good, bad) and short != bad:
            return short
    return good
