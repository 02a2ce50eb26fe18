"""Outcomes of runs that other programs have trained."""

from __future__ import annotations

from dlrun.data.fingerprint import same_data
from dlrun.errors import DataError
from dlrun.run_directory.directory import RunDirectory
from dlrun.run_directory.result import ending
from dlrun.run_directory.spec_keys import read_keys, single
from dlrun.search.suggestion import Suggestion
from dlrun.spec.flow import show
from dlrun.spec.resolved import dump
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


def other_settings(
    plan: SweepPlan, suggestion: Suggestion, repeat: int, run: RunDirectory
) -> list[str]:
    """The settings of a suggestion, and its data, with which a run was not trained, as phrases.

    Other keys of its spec may differ: the user decides how to train.

    Raises:
        DataError: the spec of the run is missing or broken.
    """
    compiled = plan.compile(suggestion, repeat)
    wanted = dict(single(dump(compiled.experiment.anchored(plan.base.folder))))
    keys, has = tuple(plan.settings(suggestion, repeat)), read_keys(run.resolved_file)
    read = run.environment().get("data")
    other_data = read is not None and not same_data(read, compiled.data.fingerprint)
    return ["other values of the data"] * other_data + [
        f"{name} {show(has[name]) if name in has else 'absent'} instead of {show(value)}"
        for name, value in wanted.items()
        if any(name == key or name.startswith(f"{key}.") for key in keys)
        and (name not in has or has[name] != value)
    ]


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
