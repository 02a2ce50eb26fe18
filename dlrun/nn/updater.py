"""An optimizer bound to the parameters of a network."""

from __future__ import annotations

from collections.abc import Mapping

from dlrun.arrays import Array
from dlrun.nn.arena import Block, Parameters, aligned_zeros
from dlrun.nn.network import Network
from dlrun.nn.optimizer import Optimizer, Pace, Weights
from dlrun.nn.pieces import cut
from dlrun.nn.threads import Work, chain

_ELEMENTS = 16 * 1024
"""Weights in a block: with gradient and two states in float32 256 KiB, which an L2 cache holds."""

_PIECE = 4 * _ELEMENTS
"""Weights that are worth handing to another thread."""


class Updater:
    """Changes all weights of a network by one step of an optimizer.

    Attributes:
        pace: the learning rate and the number of the step; set before each call.
        state: the optimizer's arrays by slot, each as long as the trainable values.
    """

    def __init__(self, optimizer: Optimizer, network: Network) -> None:
        self.pace = Pace()
        self._optimizer, self._kernels = optimizer, network.kernels
        parameters = network.parameters
        size, dtype = len(parameters.grads), parameters.grads.dtype.name
        self.state: Mapping[str, Array] = {
            slot: aligned_zeros(size, dtype) for slot in optimizer.slots()
        }
        blocks = [work for block in parameters.blocks for work in self._bind(block, parameters)]
        pieces = cut(len(blocks), size, _PIECE)
        self._step = network.pool.each([chain(blocks[piece]) for piece in pieces])

    def __call__(self) -> None:
        """Make the step."""
        self._step()

    def _bind(self, block: Block, parameters: Parameters) -> list[Work]:
        """The optimizer's rule for each part of a block that the cache holds."""
        return [
            self._optimizer.bind(
                Weights(
                    parameters.values[start:stop],
                    parameters.grads[start:stop],
                    {slot: array[start:stop] for slot, array in self.state.items()},
                    block.decay,
                ),
                self.pace,
                self._kernels,
            )
            for start in range(block.start, block.stop, _ELEMENTS)
            for stop in (min(start + _ELEMENTS, block.stop),)
        ]
