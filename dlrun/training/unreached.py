"""What a spec asks for and a run of so many epochs never comes to."""

from __future__ import annotations

from collections.abc import Iterator

from dlrun.training.experiment import Experiment


def unreached(experiment: Experiment) -> Iterator[str]:
    """What never begins, a line each, with its place."""
    epochs, rules = experiment.epochs, experiment.early_stopping
    if (what := experiment.schedule.unreached(epochs)) is not None:
        yield f"{experiment.schedule.origin}: {what}"
    average = experiment.average
    if average is not None and (what := average.unreached(epochs)) is not None:
        yield f"{average.origin}: {what}"
    if rules is not None and rules.start_epoch >= epochs:
        yield (
            f"{rules.place_of('start_epoch')}: early stopping uses up no patience before the end "
            f"of epoch {rules.start_epoch}, and there are {epochs} epochs"
        )
