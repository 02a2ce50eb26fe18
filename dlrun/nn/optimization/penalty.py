"""L1 and L2 regularization, added to the gradients."""

from __future__ import annotations

from functools import partial

from pydantic import model_validator

from dlrun.nn.engine.network import Network
from dlrun.nn.parallel.partition import cut
from dlrun.nn.parallel.threads import Work, chain
from dlrun.spec.component import Component
from dlrun.spec.fields import NonNegative

_PIECE = 64 * 1024
"""Smallest number of weights for which another thread pays off."""


class Penalty(Component):
    """L1 and L2 regularization: add l1 |w| + l2 w^2 / 2 of every weight to the training loss.

    It applies to the weights that also decay: not to biases, scales and shifts of norms.  The
    reported loss does not include it.
    """

    l1: NonNegative = 0.0
    """Strength of L1; it sets many weights to 0."""
    l2: NonNegative = 0.0
    """Strength of L2; it shrinks large weights most."""

    @model_validator(mode="after")
    def _one_is_given(self) -> Penalty:
        if not self.l1 and not self.l2:
            raise ValueError("penalty needs an 'l1' or 'l2' above 0")
        return self

    def bind(self, network: Network) -> Work:
        """A function that adds the penalty's gradient to the gradients of a network."""
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
