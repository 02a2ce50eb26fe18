"""Whether rare classes are compensated only once."""

from __future__ import annotations

from dlrun.experiment.experiment import Experiment
from dlrun.nn.losses.base import Loss
from dlrun.spec.problems import Problems


def check_balance(experiment: Experiment, problems: Problems) -> None:
    """Note an error if both sampling and loss compensate for rare classes."""
    loss, field = experiment.loss, _balances(experiment.loss)
    if experiment.data.sampling == "balanced" and field is not None:
        problems.add(
            loss.place_of(field),
            f"'data.sampling: balanced' and '{field}: balanced' of {loss.kind} both compensate for "
            "rare classes",
            "remove one of the two",
        )


def _balances(loss: Loss) -> str | None:
    """The field by which a loss weights all classes equally; None if it does not."""
    fields = type(loss).model_fields
    return next((name for name in fields if getattr(loss, name) == "balanced"), None)
