"""The scores of all folds together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dlrun.intervals import UNKNOWN, Estimate, Scale, estimate
from dlrun.run_directory.ending import Status
from dlrun.training.events import RunEnded


@dataclass(frozen=True, slots=True)
class FoldScores:
    """The scores of all folds.

    Attributes:
        status: ``completed`` if all folds are; otherwise how the first other fold ended.
        reason: why, in a sentence.
        folds: how each trained fold ended, in order.
        scores: by metric the mean over the completed folds, and its 95 % interval.
    """

    status: Status
    reason: str
    folds: tuple[RunEnded, ...]
    scores: Mapping[str, Estimate]

    @property
    def seconds(self) -> float:
        """Wall time of training, of all folds and in all processes."""
        return sum(fold.seconds for fold in self.folds)

    def values(self, metric: str) -> tuple[float | None, ...]:
        """A metric of each trained fold; None for a fold without it."""
        return tuple(fold.metrics.get(metric) for fold in self.folds)

    def as_json(self) -> dict[str, Any]:
        """The content of result.json."""
        return {
            "status": self.status,
            "reason": self.reason,
            "metrics": {name: each.mean for name, each in self.scores.items()},
            "intervals": {
                name: {"low": each.low, "high": each.high, "n": each.n}
                for name, each in self.scores.items()
            },
            "folds": [
                {
                    "directory": f"fold-{number}",
                    "status": fold.status,
                    "best_epoch": fold.best_epoch,
                    "metrics": fold.metrics,
                }
                for number, fold in enumerate(self.folds, start=1)
            ],
            "seconds": self.seconds,
        }


def together(ended: Sequence[RunEnded], folds: int, scales: Mapping[str, Scale]) -> FoldScores:
    """Average the scores of all folds that are completed.

    Args:
        ended: how each fold ended, in order; fewer than ``folds`` if the last one was stopped.
        folds: how many there are.
        scales: of the metrics.
    """
    completed = [fold for fold in ended if fold.status == "completed"]
    names = dict.fromkeys(name for fold in completed for name in fold.metrics)
    scores = {
        name: estimate([fold.metrics[name] for fold in completed], of=scales.get(name, UNKNOWN))
        for name in names
    }
    failed = [
        (number, fold) for number, fold in enumerate(ended, start=1) if fold.status != "completed"
    ]
    if failed:
        number, fold = failed[-1] if ended[-1].status == "stopped" else failed[0]
        return FoldScores(fold.status, f"fold {number}: {fold.reason}", tuple(ended), scores)
    return FoldScores("completed", f"all {folds} folds are done", tuple(ended), scores)
