"""Variance by the number of connections."""

from __future__ import annotations

from typing import Literal

from dlrun.nn.initializer import Gained


class Scaled(Gained):
    """The root of initializers of variance gain^2 / fan."""

    mode: Literal["fan_in", "fan_out", "average"] = "fan_in"
    """The fan: ``fan_in``, the inputs of an output, keeps the size of signals; ``fan_out``, the
    outputs of an input, that of gradients; ``average`` is between both."""

    def fan(self, fan_in: float, fan_out: float) -> float:
        """The fan that the mode names."""
        if self.mode == "average":
            return (fan_in + fan_out) / 2
        return fan_in if self.mode == "fan_in" else fan_out
