"""Whether rare classes are made up for once."""

from __future__ import annotations

from dlrun.nn.loss import Loss
from dlrun.spec.problems import Problems
from dlrun.training.experiment import Experiment


def check_balance(experiment: Experiment, problems: Problems) -> None:
    """Note a problem where sampling and loss both make up for rare classes."""
    loss, field = experiment.loss, _balances(experiment.loss)
    if experiment.data.sampling == "balanced" and field is not None:
        problems.add(
            loss.place_of(field),
            f"data.sampling: balanced visits all classes equally often, and '{field}: balanced' of "
            f"{loss.kind} would correct for rare ones a second time",
            "remove one of the two",
        )


def _balances(loss: Loss) -> str | None:
    """The field by which a loss weighs all classes alike; None where none does."""
    fields = type(loss).model_fields
    return next((name for name in fields if getattr(loss, name) == "balanced"), None)
