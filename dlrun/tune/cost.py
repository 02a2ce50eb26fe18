"""What a training costs, in a number that no clock has a part in."""

from __future__ import annotations

from dlrun.training.compile import Compiled


def cost(compiled: Compiled, epochs: int) -> float:
    """Multiply-adds of the forward passes of so many epochs: the same on every machine."""
    return float(epochs * len(compiled.data.train) * compiled.graph.multiply_adds())
