"""Penalties on the size of weights, which their gradients see."""

from __future__ import annotations

from functools import partial

from pydantic import model_validator

from dlrun.nn.network import Network
from dlrun.nn.pieces import cut
from dlrun.nn.threads import Work, chain
from dlrun.spec.component import Component
from dlrun.spec.fields import NonNegative

_PIECE = 64 * 1024
"""Weights that are worth handing to another thread."""


class Penalty(Component):
    """Add l1 |w| + l2 w^2 / 2 of every weight to what training makes small.

    Of the weights that decay: biases, and the scales and shifts of norms, are left alone.  The loss
    that is shown does not have it.
    """

    l1: NonNegative = 0.0
    """Draws weights to 0 with one force; many get there."""
    l2: NonNegative = 0.0
    """Draws weights to 0 the more, the larger they are."""

    @model_validator(mode="after")
    def _one_is_given(self) -> Penalty:
        if not self.l1 and not self.l2:
            raise ValueError("penalty needs an 'l1' or 'l2' above 0")
        return self

    def bind(self, network: Network) -> Work:
        """Work that adds to the gradients of a network."""
        penalize, parameters = network.kernels.gradient.penalize, network.parameters
        works = []
        for block in parameters.blocks:
            if block.like.decay:
                length = block.stop - block.start
                grads = parameters.grads[block.start : block.stop]
                values = parameters.values[block.start : block.stop]
                works.append(
                    network.pool.each(
                        [
                            partial(penalize, grads[piece], values[piece], self.l1, self.l2)
                            for piece in cut(length, length, _PIECE)
                        ]
                    )
                )
        return chain(works)
