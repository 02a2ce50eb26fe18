"""An optimizer bound to the parameters of a network."""

from __future__ import annotations

from collections.abc import Mapping

from dlrun.arrays import Array
from dlrun.nn.arena import Parameters, aligned_zeros
from dlrun.nn.optimizer import Optimizer, Pace

_ELEMENTS = 16 * 1024
"""Weights in a block: with gradient and two states in float32 256 KiB, which an L2 cache holds."""


class Updater:
    """Changes all weights by one step of the optimizer.

    Attributes:
        pace: the learning rate and the number of the step; set before each call.
        state: the optimizer's arrays by slot, each as long as the trainable values.
    """

    def __init__(self, optimizer: Optimizer, parameters: Parameters) -> None:
        self.pace = Pace()
        size, dtype = len(parameters.grads), parameters.grads.dtype.name
        self.state: Mapping[str, Array] = {
            slot: aligned_zeros(size, dtype) for slot in optimizer.slots()
        }
        self._work = tuple(
            optimizer.bind(
                parameters.values[start:stop],
                parameters.grads[start:stop],
                {slot: array[start:stop] for slot, array in self.state.items()},
                self.pace,
                block.decay,
            )
            for block in parameters.blocks
            for start in range(block.start, block.stop, _ELEMENTS)
            for stop in (min(start + _ELEMENTS, block.stop),)
        )

    def __call__(self) -> None:
        """Make the step."""
        for work in self._work:
            work()
