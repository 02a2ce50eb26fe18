"""The cost of a training, in counts that do not depend on measured time."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dlrun.experiment.compile import Compiled

PARAMETERS = "cost.parameters"
MULTIPLY_ADDS = "cost.multiply_adds"
TRAINING = "cost.training"
COSTS = (PARAMETERS, MULTIPLY_ADDS, TRAINING)


def costs(compiled: Compiled, epochs: int) -> dict[str, float]:
    """The costs by name, the same on every machine.

    ``cost.parameters`` is the number of trainable values, ``cost.multiply_adds`` the multiply-adds
    of one sample's forward pass, and ``cost.training`` those of the forward passes of all epochs.
    """
    sample = compiled.graph.multiply_adds()
    return {
        PARAMETERS: float(compiled.graph.parameter_count()),
        MULTIPLY_ADDS: float(sample),
        TRAINING: float(epochs * len(compiled.data.train) * sample),
    }
