"""Checks of the loggers: their packages, addresses and passwords."""

from __future__ import annotations

from dlrun.experiment.experiment import Experiment
from dlrun.spec.problems import Problems


def check_loggers(experiment: Experiment, problems: Problems) -> None:
    """Check that the loggers can run, and that no password would be stored with the run.

    Args:
        experiment: the spec, of which ``log`` has no errors.
        problems: gets the errors, none of which shows an address.
    """
    for logger in experiment.log:
        if missing := logger.missing():
            problems.add(logger.origin, *missing)
        for field, what, advice in logger.errors():
            problems.add(logger.place_of(field), what, advice)
