"""Variance that depends on the number of connections."""

from __future__ import annotations

from typing import Literal

from dlrun.nn.initializers.base import Gained


class Scaled(Gained):
    """Base class of initializers with variance gain^2 / fan."""

    mode: Literal["fan_in", "fan_out", "average"] = "fan_in"
    """The fan: ``fan_in``, inputs per output, preserves the size of the signal; ``fan_out``,
    outputs per input, that of the gradient; ``average`` is their mean."""

    def fan(self, fan_in: float, fan_out: float) -> float:
        """The fan of the mode."""
        if self.mode == "average":
            return (fan_in + fan_out) / 2
        return fan_in if self.mode == "fan_in" else fan_out
