"""The base of weight averaging: averaged weights, with which a network is evaluated and saved."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import ClassVar, Literal

import numpy as np

from dlrun.arrays import Array
from dlrun.nn.engine.aligned import aligned_zeros
from dlrun.nn.engine.network import Network
from dlrun.nn.parallel.partition import cut
from dlrun.nn.state import State, exchange, put
from dlrun.spec.component import Component
from dlrun.spec.registry import Registry

_PIECE = 64 * 1024
"""Smallest number of weights for which another thread pays off."""


class Average(Component):
    """Base class of all averages: a <- a + share (w - a), with a share that depends on the time."""

    family: ClassVar = Registry["Average"]("average")

    every: ClassVar[Literal["step", "epoch"]]
    """When the average is updated: after every step, or after every epoch."""

    estimates: ClassVar[bool]
    """Whether running statistics are computed again for the average, on the training set; if not,
    they are averaged like the weights."""

    def share(self, count: int) -> float:
        """Weight of the current weights after the ``count``-th step or epoch of the run, from 1.

        1 starts the average; before that it is 0.
        """
        raise NotImplementedError

    def unreached(self, epochs: int) -> str | None:
        """What a run of so many epochs does not reach of the average; None if it reaches all."""
        return None


average = Average.family


class Averaged:
    """The averaged weights of a network, stored in addition to the trained ones.

    Attributes:
        values: all parameters, flat; undefined before ``begun``.
        begun: whether the average has started.
    """

    def __init__(self, rule: Average, network: Network) -> None:
        self.rule, self.begun = rule, False
        self._trained = trained = network.parameters.values
        size = len(trained)
        self.values: Array = aligned_zeros(size, trained.dtype.name)
        self._share = [0.0]
        # Without ``self``, which would be part of a cycle and keep its memory after the training.
        approach, values, share = network.kernels.gradient.approach, self.values, self._share

        def take_in(piece: slice) -> None:
            approach(values[piece], trained[piece], share[0])

        self._approach = network.pool.each(
            [partial(take_in, piece) for piece in cut(size, size, _PIECE)]
        )

    def take_in(self, count: int) -> None:
        """Update the average with the weights after the ``count``-th step or epoch."""
        self._share[0] = share = self.rule.share(count)
        if share == 1.0:
            np.copyto(self.values, self._trained)
        elif share:
            self._approach()
        self.begun = self.begun or share > 0.0

    def state(self) -> State:
        """The average."""
        return {"values": self.values, "begun": np.asarray(self.begun)}

    def restore(self, state: State) -> None:
        """Continue from a saved average."""
        put(self.values, state["values"])
        self.begun = state["begun"].item()

    def exchange(self) -> None:
        """Swap the network's weights and the average."""
        exchange(self._trained, self.values)

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Inside the context, the network has the averaged weights, if the average has started."""
        if not self.begun:
            yield
            return
        self.exchange()
        try:
            yield
        finally:
            self.exchange()
