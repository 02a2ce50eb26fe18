"""What an average is: weights of the past, with which a network is scored and kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import ClassVar, Literal

import numpy as np

from dlrun.arrays import Array
from dlrun.nn.arena import aligned_zeros
from dlrun.nn.network import Network
from dlrun.nn.pieces import cut
from dlrun.nn.state import State, put
from dlrun.spec.component import Component
from dlrun.spec.registry import Registry

_PIECE = 64 * 1024
"""Weights that are worth handing to another thread."""


class Average(Component):
    """The root of all averages: a <- a + share (w - a), with a share that depends on when it is."""

    family: ClassVar = Registry["Average"]("average")

    every: ClassVar[Literal["step", "epoch"]]
    """Behind what the weights are taken in."""

    estimates: ClassVar[bool]
    """Whether running statistics are estimated anew for the average, from the training part; if
    not, they are averaged as the weights are."""

    def share(self, count: int) -> float:
        """Of the present weights, behind the ``count``-th step or epoch of the run, from 1.

        1 begins the average, and as long as it is 0 there is none.
        """
        raise NotImplementedError

    def unreached(self, epochs: int) -> str | None:
        """What a run of so many epochs never comes to; None where that is nothing."""
        return None


average = Average.family


class Averaged:
    """The averaged weights of a network, beside those that are trained.

    Attributes:
        values: all parameters, flat; no average before ``begun``.
        begun: whether there is one.
    """

    def __init__(self, rule: Average, network: Network) -> None:
        self.rule, self.begun = rule, False
        self._trained = network.parameters.values
        self.values: Array = aligned_zeros(len(self._trained), self._trained.dtype.name)
        self._share = 0.0
        approach = network.kernels.gradient.approach

        def take_in(piece: slice) -> None:
            approach(self.values[piece], self._trained[piece], self._share)

        size = len(self._trained)
        self._approach = network.pool.each(
            [partial(take_in, piece) for piece in cut(size, size, _PIECE)]
        )

    def take_in(self, count: int) -> None:
        """Let the weights of the ``count``-th step or epoch into the average."""
        self._share = self.rule.share(count)
        if self._share == 1.0:
            np.copyto(self.values, self._trained)
        elif self._share:
            self._approach()
        self.begun = self.begun or self._share > 0.0

    def state(self) -> State:
        """The average."""
        return {"values": self.values, "begun": np.asarray(self.begun)}

    def restore(self, state: State) -> None:
        """Go on with it."""
        put(self.values, state["values"])
        self.begun = state["begun"].item()

    def exchange(self) -> None:
        """Give the network the average, and keep its own weights here; or the other way round."""
        for piece in cut(len(self.values), len(self.values), _PIECE, most=len(self.values)):
            kept = self._trained[piece].copy()
            self._trained[piece] = self.values[piece]
            self.values[piece] = kept

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Within, the network has the averaged weights, if there are any."""
        if not self.begun:
            yield
            return
        self.exchange()
        try:
            yield
        finally:
            self.exchange()
