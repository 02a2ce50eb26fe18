"""The scores of a cross-validation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class FoldScore:
    """A score over all folds.

    Attributes:
        name: such as ``test.accuracy``.
        mean: over the completed folds; None if there is none.
        low, high: ends of its 95 % interval; None without one.
        values: of each fold; None for a fold without it.
    """

    name: str
    mean: float | None
    low: float | None
    high: float | None
    values: Sequence[float | None]


def fold_scores(result: Mapping[str, Any]) -> tuple[FoldScore, ...]:
    """The scores in the result of a cross-validation; none without a result.

    Args:
        result: the content of result.json; empty before the end.
    """
    intervals = result.get("intervals")
    folds = [_mapping(each) for each in result.get("folds", ())]
    found = []
    for name, mean in _mapping(result.get("metrics")).items():
        ends = _mapping(_mapping(intervals).get(name))
        values = tuple(_number(_mapping(fold.get("metrics")).get(name)) for fold in folds)
        low, high = _number(ends.get("low")), _number(ends.get("high"))
        found.append(FoldScore(name, _number(mean), low, high, values))
    return tuple(found)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _number(value: Any) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None
