"""Whether runs that are really stopped end as the curves of whole trainings say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from experiments.early_stopping.followed import Curves
from experiments.early_stopping.stopping import stopped
from experiments.lab import Trained


@dataclass(frozen=True, slots=True)
class Agreement:
    """Real runs beside what was simulated.

    Attributes:
        runs: that were compared.
        epochs: runs with the simulated number of epochs.
        scores: runs with exactly the simulated test scores.
        largest: the largest difference of a test score.
    """

    runs: int
    epochs: int
    scores: int
    largest: float


def agreement(trained: Sequence[Trained], curves: Sequence[Curves]) -> Agreement:
    """Compare runs with the curves of the training of their seed.

    Args:
        trained: runs of ``patience.yaml``.
        curves: by seed.

    Raises:
        ValueError: a run has failed.
    """
    same_epochs, differences = 0, []
    for run in trained:
        if run.failed:
            raise ValueError(f"a run of patience.yaml failed: {run.failed}")
        whole = curves[run.seed]
        end = stopped(whole["validation.loss"], int(run.settings["early_stopping.patience"]))
        best = run.settings["early_stopping.restore_best"]
        epoch = end.best if best else end.epochs
        same_epochs += run.epochs == end.epochs
        differences.append(
            max(
                abs(run.scores[name] - values[epoch - 1])
                for name, values in whole.items()
                if name.startswith("test.")
            )
        )
    exact = sum(each == 0.0 for each in differences)
    return Agreement(len(trained), same_epochs, exact, max(differences))


def together(parts: Sequence[Agreement]) -> Agreement:
    """Several comparisons as one."""
    return Agreement(
        sum(each.runs for each in parts),
        sum(each.epochs for each in parts),
        sum(each.scores for each in parts),
        max(each.largest for each in parts),
    )
