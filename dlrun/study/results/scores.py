"""Scores and outcome of a run, read from its directory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dlrun.errors import DataError
from dlrun.run_directory.directory import RunDirectory
from dlrun.run_directory.ending import Ending
from dlrun.run_directory.result import ending
from dlrun.run_directory.usable import usable
from dlrun.study.store.job import JobOutcome
from dlrun.study.sweep.cost import TRAINING
from dlrun.study.sweep.objective import Objective


def scores_of(run: RunDirectory, result: Mapping[str, Any]) -> dict[str, float | None]:
    """The scores of the weights that were kept, including those of the training set.

    One that is too large to calculate with is None.

    Args:
        run: a run that has ended.
        result: the content of its ``result.json``.

    Raises:
        DataError: its metrics are missing or broken.
    """
    epoch = result["best_epoch"] if result["weights"] == "best" else result["epochs"]
    found: dict[str, float | None] = {}
    if epoch:
        columns = run.metrics()
        rows = min(map(len, columns.values()), default=0)
        if rows < epoch:
            raise DataError(f"{run.metrics_file}: {rows} rows, expected {epoch}; it is broken")
        found = {n: each[epoch - 1] for n, each in columns.items() if n.startswith("train.")}
    found.update(result["metrics"])
    return {name: usable(value) for name, value in found.items()}


def priced(goals: Iterable[Objective], costs: Mapping[str, float]) -> dict[str, float | None]:
    """The costs among the objectives."""
    return {goal.score: costs[goal.score] for goal in goals if goal.score in costs}


@dataclass(frozen=True, slots=True)
class End:
    """How a run ended, according to its directory.

    Attributes:
        ended_by: what ended it; None if an old result does not contain it.
        reason: as a sentence.
        scores: by name.
        epochs: number of trained epochs.
        seconds: wall time.
        directory: name of the directory.
    """

    ended_by: Ending | None
    reason: str
    scores: Mapping[str, float | None]
    epochs: int
    seconds: float
    directory: str

    def outcome(self, goals: Sequence[Objective], costs: Mapping[str, float]) -> JobOutcome:
        """The outcome for a study with these objectives, if the run had these costs."""
        scores = {**self.scores, **priced(goals, costs)}
        diverged = self.ended_by is not None and self.ended_by.status == "diverged"
        failed, reason = diverged, self.reason
        missing = [goal.score for goal in goals if goal.of(scores) is None]
        if not failed and missing:
            failed, reason = True, f"{missing[0]} is not a finite number"
        return JobOutcome(
            "failed" if failed else "completed",
            reason,
            {} if failed else scores,
            self.epochs,
            costs[TRAINING],
            self.seconds,
            self.directory,
            self.ended_by,
        )


def is_paused(ended_by: Ending | None) -> bool:
    """Whether the study stopped a run that it may continue."""
    return ended_by is not None and ended_by.kind in ("rung", "study_stopped")


def end_of(run: RunDirectory, epochs: int) -> End | None:
    """How a run ended; None if it has not ended or is to be resumed.

    Args:
        run: the run.
        epochs: that were requested; 0 for all.

    Raises:
        DataError: its result or its metrics are broken.
    """
    if not run.has_ended:
        return None
    result = run.training_result()
    scores, ended_by = scores_of(run, result), ending(result)
    if is_paused(ended_by) and ended_by != Ending("rung", epochs):
        return None
    return End(
        ended_by, result["reason"], scores, result["epochs"], result["seconds"], run.path.name
    )
