"""What a training costs, in numbers that no clock has a part in."""

from __future__ import annotations

from dlrun.training.compile import Compiled

PARAMETERS = "cost.parameters"
MULTIPLY_ADDS = "cost.multiply_adds"
TRAINING = "cost.training"
COSTS = (PARAMETERS, MULTIPLY_ADDS, TRAINING)


def costs(compiled: Compiled, epochs: int) -> dict[str, float]:
    """The costs by name, the same on every machine.

    ``cost.parameters`` are numbers that training changes, ``cost.multiply_adds`` those of a
    sample's forward pass, and ``cost.training`` those of the forward passes of so many epochs.
    """
    sample = compiled.graph.multiply_adds()
    return {
        PARAMETERS: float(compiled.graph.parameter_count()),
        MULTIPLY_ADDS: float(sample),
        TRAINING: float(epochs * len(compiled.data.train) * sample),
    }
