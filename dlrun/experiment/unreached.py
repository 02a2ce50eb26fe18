"""Settings of a spec that have no effect because the run has too few epochs."""

from __future__ import annotations

from collections.abc import Iterator

from dlrun.experiment.experiment import Experiment


def unreached(experiment: Experiment, steps: int | None) -> Iterator[str]:
    """Settings without effect, one line each, with their origin.

    Args:
        experiment: the content of the spec.
        steps: of an epoch; None if they are not known.
    """
    epochs, rules = experiment.epochs, experiment.early_stopping
    yield from _checkpoints(experiment, None if steps is None else epochs * steps)
    if (what := experiment.schedule.unreached(epochs)) is not None:
        yield f"{experiment.schedule.origin}: {what}"
    average = experiment.average
    if average is not None and (what := average.unreached(epochs)) is not None:
        yield f"{average.origin}: {what}"
    if rules is None:
        return
    if rules.start_epoch >= epochs:
        yield (
            f"{rules.place_of('start_epoch')}: early stopping starts after epoch "
            f"{rules.start_epoch}, but the run has only {epochs} epochs"
        )
    elif not rules.restore_best and max(rules.start_epoch, 1) + rules.patience >= epochs:
        yield (
            f"{rules.place_of('patience')}: a patience of {rules.patience} epochs is not over "
            f"before the last of {epochs}, so early stopping has no effect"
        )


def _checkpoints(experiment: Experiment, steps: int | None) -> Iterator[str]:
    """A line if no checkpoint is due before the end of a run of some steps, which has one."""
    every = experiment.checkpoint.every
    for name, count, whole in (
        ("epochs", every.epochs, experiment.epochs),
        ("steps", every.steps, steps),
    ):
        if count is not None and whole is not None and count > whole:
            yield (
                f"{every.place_of(name)}: a checkpoint after every {count:,} {name}, but the run "
                f"has only {whole:,}, so an interrupted run may lose everything"
            )
