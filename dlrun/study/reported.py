"""Outcomes of runs that other programs have trained."""

from __future__ import annotations

from dlrun.errors import DataError
from dlrun.run_directory.directory import RunDirectory
from dlrun.run_directory.result import ending
from dlrun.study.results.scores import scores_of
from dlrun.study.store.job import JobOutcome
from dlrun.study.sweep.plan import SweepPlan


def scored(plan: SweepPlan, words: list[str]) -> JobOutcome:
    """An outcome from words: a value of the objective, or ``validation.loss=0.3`` and others.

    Raises:
        DataError: a word is not a number.
    """
    scores: dict[str, float | None] = {}
    for word in words:
        name, sign, text = word.rpartition("=")
        try:
            scores[name if sign else plan.sweep.goal.score] = float(text)
        except ValueError:
            raise DataError(f"{word!r} is not a score; write 0.3 or validation.loss=0.3") from None
    return JobOutcome("completed", "reported", scores, 0, 0.0, 0.0, "")


def failed(reason: str) -> JobOutcome:
    """An outcome without a score."""
    return JobOutcome("failed", reason, {}, 0, 0.0, 0.0, "")


def trained(run: RunDirectory) -> JobOutcome:
    """The outcome of a run; a training that diverged has failed.

    Raises:
        DataError: the run has no result, or was stopped before its end.
    """
    result = run.training_result()
    ended_by = ending(result)
    if result["status"] == "stopped" and (ended_by is None or ended_by.kind != "max_time"):
        raise DataError(f"{run.path}: {result['reason']}, so its scores are not final")
    if result["status"] == "diverged":
        return failed(result["reason"])
    found = scores_of(run, result)
    return JobOutcome(
        "completed", result["reason"], found, result["epochs"], 0.0, result["seconds"], "", ended_by
    )
