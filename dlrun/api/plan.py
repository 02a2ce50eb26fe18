"""What a hyperparameter search will need, predicted."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from dlrun.api.tune import Search
from dlrun.experiment.plugins import Allow
from dlrun.spec.given import Given
from dlrun.spec.overrides import Overrides
from dlrun.study.forecast import Forecast


def plan(
    sweep: Given,
    overrides: Overrides = (),
    *,
    time: str | float | None = None,
    jobs: int | None = None,
    studies: str | Path = "studies",
    allow_plugins: Allow = False,
) -> Forecast:
    """Predict how long a search takes, and what fits into a time; ``tune`` runs it.

    Trains an epoch or two of some trials, for a few seconds, and discards the results.

    Args:
        sweep: path of the YAML file, or its content as a mapping.
        overrides: values that replace those of keys of the sweep.
        time: for the study, in seconds or such as ``4h``; None for its ``budget.time``.
        jobs: runs to train at the same time; None is as many as there are threads.
        studies: the folder of all studies; the forecast says if one of this name has begun.
        allow_plugins: whether the Python files that the spec names may run.

    Raises:
        SpecError: the sweep, its spec or the data has errors; the message lists all of them.
        InputError: ``jobs`` is not a whole number from 1.
        MachineError: a worker cannot start.
    """
    given = with_time(overrides, time)
    search = Search(sweep, given, jobs=jobs, studies=studies, allow_plugins=allow_plugins)
    return search.forecast()


def with_time(overrides: Overrides, time: str | float | None) -> Overrides:
    """Overrides of a sweep, and its time unless that is None."""
    if time is None:
        return overrides
    if isinstance(overrides, Mapping):
        return {**overrides, "budget.time": time}
    return [*overrides, f"budget.time={time}"]
