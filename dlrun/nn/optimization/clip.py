"""Gradient clipping, before the optimizer's step."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import numpy as np
from pydantic import model_validator

from dlrun.nn.engine.network import Network
from dlrun.nn.parallel.partition import cut
from dlrun.nn.parallel.threads import Work, chain
from dlrun.spec.component import Component
from dlrun.spec.fields import Positive

_PIECE = 64 * 1024
"""Smallest number of gradients for which another thread pays off."""

_SMALL = 1e-6
"""Avoids division by zero."""


class Clip(Component):
    """Gradient clipping (Pascanu, Mikolov & Bengio, ICML 2013); first by value, then by norm."""

    norm: Positive | None = None
    """Scale all gradients by one factor so that their joint norm is at most this."""
    value: Positive | None = None
    """Limit each gradient to at most this absolute value."""

    @model_validator(mode="after")
    def _one_is_given(self) -> Clip:
        if self.norm is None and self.value is None:
            raise ValueError("clip needs 'norm', 'value' or both")
        return self

    @classmethod
    def instead_of(cls, value: Any, field: str = "") -> str:
        """For a number alone: the largest norm."""
        if field or isinstance(value, bool) or not isinstance(value, int | float):
            return ""
        return f"write {{norm: {value}}}"

    def bind(self, network: Network) -> Work:
        """A function that clips the gradients of a network."""
        k, each, grads = network.kernels.gradient, network.pool.each, network.parameters.grads
        pieces = [grads[piece] for piece in cut(len(grads), len(grads), _PIECE)]
        works: list[Work] = []
        if self.value is not None:
            works.append(each([partial(k.clip, piece, self.value) for piece in pieces]))
        if self.norm is not None:
            works.append(_by_norm(self.norm, network))
        return chain(works)


def _by_norm(most: float, network: Network) -> Work:
    k, each, grads = network.kernels.gradient, network.pool.each, network.parameters.grads
    pieces = [grads[piece] for piece in cut(len(grads), len(grads), _PIECE)]
    squares = np.zeros(len(pieces))
    factor = 1.0

    def sum_up(number: int) -> None:
        squares[number] = k.sum_of_squares(pieces[number])

    def shrink(number: int) -> None:
        k.scale(pieces[number], factor)

    measure = each([partial(sum_up, number) for number in range(len(pieces))])
    scale = each([partial(shrink, number) for number in range(len(pieces))])

    def clip() -> None:
        nonlocal factor
        measure()
        factor = most / (math.sqrt(squares.sum()) + _SMALL)
        if factor < 1.0:
            scale()

    return clip
