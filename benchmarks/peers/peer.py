"""The interface of a library that can train a network and predict with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from benchmarks.works import Array, Weights, Work

Train = Callable[[int], float]
"""Makes so many steps, going round the batches, and gives the loss of the last one's batch."""

Predict = Callable[[int], Array]
"""Predicts a batch so many times and gives the last outputs, (batch, classes).

These are logits, or differ from them by a number a row.
"""


class UnavailableError(Exception):
    """The library cannot run this network here; the message gives the reason."""


class Peer(Protocol):
    """A library under a number of threads that its process has set."""

    version: str

    def trainer(self, work: Work, weights: Weights, inputs: Array, classes: Array) -> Train:
        """Forward, loss, backward and Adam on batches of ``work.batch``.

        Data is converted to the arrays of the library here, before time is measured.

        Raises:
            UnavailableError: see there.
        """

    def predictor(self, work: Work, weights: Weights, inputs: Array) -> Predict:
        """Outputs of the first ``work.batch`` inputs, in evaluation mode.

        Raises:
            UnavailableError: see there.
        """
