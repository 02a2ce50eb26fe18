"""An optimizer bound to the parameters of a network."""

from __future__ import annotations

from collections.abc import Mapping

from dlrun.arrays import Array
from dlrun.nn.engine.aligned import aligned_zeros
from dlrun.nn.engine.blocks import Block
from dlrun.nn.engine.network import Network
from dlrun.nn.optimizers.base import Optimizer, Pace, WeightBlock
from dlrun.nn.parallel.partition import cut
from dlrun.nn.parallel.threads import Work, chain
from dlrun.nn.state import State, joined, put, under

_ELEMENTS = 16 * 1024
"""Weights per block: with gradient and two states in float32 256 KiB, which fits an L2 cache."""

_PIECE = 4 * _ELEMENTS
"""Smallest number of weights for which another thread pays off."""


class Updater:
    """Updates all weights of a network by one optimizer step.

    Args:
        optimizer: the rule.
        network: the network to update.
        weight_decay: replaces the rule's own; None keeps that.

    Attributes:
        pace: the learning rate and the number of the step; set before each call.
        slots: the optimizer's state arrays by name, each of the trainable values' length.
    """

    def __init__(
        self, optimizer: Optimizer, network: Network, weight_decay: float | None = None
    ) -> None:
        self.pace = Pace()
        self._optimizer, self._network = optimizer, network
        self._decay = optimizer.decay() if weight_decay is None else weight_decay
        self._paces: dict[float, Pace] = {}
        parameters = network.parameters
        size, dtype = len(parameters.grads), parameters.grads.dtype.name
        self.slots: Mapping[str, Array] = {
            slot: aligned_zeros(size, dtype) for slot in optimizer.slots()
        }
        parts = parameters.single if optimizer.whole else parameters.blocks
        blocks = [work for part in parts for work in self._bind(part)]
        pieces = cut(len(blocks), size, _PIECE)
        self._step = network.pool.each([chain(blocks[piece]) for piece in pieces])

    def __call__(self) -> None:
        """Make the step."""
        for factor, pace in self._paces.items():
            pace.lr, pace.step = factor * self.pace.lr, self.pace.step
        self._step()

    def state(self) -> State:
        """The pace and the slots: all that the next step depends on."""
        return joined({"pace": self.pace.state(), "slots": self.slots})

    def restore(self, state: State) -> None:
        """Continue from a saved state."""
        self.pace.restore(under(state, "pace"))
        found = under(state, "slots")
        for name, slot in self.slots.items():
            put(slot, found[name])

    def _bind(self, block: Block) -> list[Work]:
        """The rule for a parameter, or for each cache-sized part of a block."""
        like = block.like
        decay = like.weight_decay
        if decay is None:
            decay = self._decay if like.decay else 0.0
        pace = self._paces.setdefault(like.lr_factor, Pace())
        parameters, whole = self._network.parameters, self._optimizer.whole

        def cut_out(array: Array, start: int, stop: int) -> Array:
            flat = array[start:stop]
            return flat.reshape(like.shape) if whole else flat

        def bound(start: int, stop: int) -> Work:
            weights = WeightBlock(
                cut_out(parameters.values, start, stop),
                cut_out(parameters.grads, start, stop),
                {slot: cut_out(array, start, stop) for slot, array in self.slots.items()},
                decay,
                block.hidden,
                like.decay,
                like.blocks if whole else 1,
            )
            return self._optimizer.bind(weights, pace, self._network.kernels)

        length = block.stop - block.start if whole else _ELEMENTS
        return [
            bound(start, min(start + length, block.stop))
            for start in range(block.start, block.stop, length)
        ]
