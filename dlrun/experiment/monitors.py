"""The metrics by which the best epoch is chosen and the learning rate is reduced."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from dlrun.data.prepared import Prepared
from dlrun.experiment import score_names
from dlrun.experiment.early_stopping import Mode
from dlrun.experiment.experiment import Experiment
from dlrun.nn.metrics.base import names
from dlrun.nn.schedules.reduce_on_plateau import ReduceOnPlateau
from dlrun.spec.component import Component
from dlrun.spec.problems import Problems


def directions(experiment: Experiment, data: Prepared | None) -> Mapping[str, Mode]:
    """Whether lower or higher is better, by metric of each set; the first is watched by default.

    Args:
        experiment: the content of the spec.
        data: read and split; None if it could not be read, so that all sets may exist.
    """
    alone = data is not None and data.validation is None
    sets = ["train"] if alone else ["validation", "train"]
    return {f"{one}.{name}": mode for one in sets for name, mode in _of_scores(experiment)}


def monitor(
    experiment: Experiment, better: Mapping[str, Mode], problems: Problems
) -> tuple[str, Mode]:
    """The metric that determines the best epoch, and whether lower or higher is better."""
    rules = experiment.early_stopping
    if rules is None:
        return next(iter(better.items()))
    return _way(rules, rules.monitor, rules.mode, better, problems)


def watched(
    experiment: Experiment,
    better: Mapping[str, Mode],
    monitor: tuple[str, Mode],
    problems: Problems,
) -> tuple[str | None, Mode]:
    """The metric that the schedule watches, and whether lower or higher is better."""
    schedule = experiment.schedule
    if not isinstance(schedule, ReduceOnPlateau):
        return None, "min"
    if schedule.monitor is None:
        return monitor[0], monitor[1] if schedule.mode == "auto" else schedule.mode
    return _way(schedule, schedule.monitor, schedule.mode, better, problems)


def _way(
    asks: Component,
    metric: str,
    mode: Literal["auto", "min", "max"],
    better: Mapping[str, Mode],
    problems: Problems,
) -> tuple[str, Mode]:
    """A metric that the component ``asks`` monitors, and whether lower or higher is better."""
    if metric not in better:
        what = f"cannot monitor '{metric}'"
        problems.add(asks.place_of("monitor"), what, score_names.advice(metric, better))
        return metric, "min"
    return metric, better[metric] if mode == "auto" else mode


def _of_scores(experiment: Experiment) -> Sequence[tuple[str, Mode]]:
    metrics = experiment.metrics
    better = (metric.better for metric in metrics)
    return [("loss", "min"), *zip(names(metrics), better, strict=True)]
