"""The scores of a run at its best and its last epoch."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

SETS = ("train", "validation", "test")


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """A metric at an epoch.

    Attributes:
        metric: such as ``loss``.
        epoch: from 1.
        what: of ``best``, ``last`` and ``saved``, the weights used for predictions, those that the
            epoch is.
        train, validation, test: the score of each set; None if it has none, or it is not finite.
    """

    metric: str
    epoch: int
    what: tuple[str, ...]
    train: float | None
    validation: float | None
    test: float | None


def score_rows(
    columns: Mapping[str, Sequence[float]],
    best: int | None,
    kept: int | None,
    final: Mapping[str, float | None],
) -> tuple[ScoreRow, ...]:
    """The rows, loss first.

    Args:
        columns: of metrics.csv; empty without an epoch.
        best: the best epoch, from 1; None if unknown.
        kept: the epoch of the saved weights; None if the run has not ended.
        final: the scores of the saved weights, by name.
    """
    names = [name for name in (*columns, *final) if name.partition(".")[0] in SETS]
    metrics = dict.fromkeys(name.partition(".")[2] for name in names)
    last = len(next(iter(columns.values()), ()))
    rows = []
    for metric in sorted(metrics, key=lambda name: name != "loss"):
        for epoch in sorted({best, last} - {None, 0}, key=lambda each: each or 0):
            assert epoch is not None
            roles = (("best", best), ("last", last), ("saved", kept))
            scores = {name: _at(columns.get(f"{name}.{metric}"), epoch) for name in SETS}
            if epoch == kept:
                known = {name: final.get(f"{name}.{metric}") for name in SETS}
                scores |= {name: each for name, each in known.items() if each is not None}
            what = tuple(word for word, its_epoch in roles if its_epoch == epoch)
            rows.append(ScoreRow(metric, epoch, what, **scores))
    return tuple(rows)


def _at(values: Sequence[float] | None, epoch: int) -> float | None:
    if values is None or not 0 < epoch <= len(values):
        return None
    value = values[epoch - 1]
    return value if math.isfinite(value) else None
