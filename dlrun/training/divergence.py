"""Divergence: whether a value is NaN or infinite, and which one was the first."""

from __future__ import annotations

import math
from functools import partial

import numpy as np

from dlrun.arrays import Array
from dlrun.nn.engine.network import Network
from dlrun.nn.engine.plan import Plan
from dlrun.nn.engine.probe import Probe
from dlrun.nn.graph.bound import Clock
from dlrun.nn.graph.builder import Node
from dlrun.nn.parallel.partition import cut
from dlrun.nn.parallel.threads import Work

_PIECE = 64 * 1024
"""Values that are worth a thread of their work, or looked at together."""


class Detector(Probe):
    """Checks every output of every layer, which takes about the time of a small layer.

    Attributes:
        found: messages on layers whose output is NaN or infinite, by their position in the plan.
    """

    def __init__(self) -> None:
        self.found: dict[int, str] = {}

    def output(self, node: Node, values: Array, work: Work) -> Work:
        """The same work, followed by a check of its output."""

        def looked_at() -> None:
            work()
            if not np.isfinite(values).all():
                self.found[node.number] = f"the output of {node.name} became {_kind(values)}"

        return looked_at

    @property
    def first(self) -> str | None:
        """The message on the first layer; None if all outputs are finite."""
        return self.found[min(self.found)] if self.found else None


class Watch:
    """Checks after each backward pass whether all values are finite, and finds the cause if not.

    The dot product of gradients and weights is finite only if all of both are; this is one pass
    over memory that the step has just read.  Weights that the optimizer made infinite are therefore
    found in the next step, before they change anything; ``loop`` checks again after each epoch.
    """

    def __init__(self, network: Network, clock: Clock) -> None:
        self._network, self._clock = network, clock
        self._grads = grads = network.parameters.grads
        self._weights = weights = network.parameters.values[: len(grads)]
        self._detector = network.probe if isinstance(network.probe, Detector) else None
        if self._detector is not None:
            self._detector.found.clear()  # the messages that led to a restart
        pieces = cut(len(grads), len(grads), _PIECE)
        self._products = products = [0.0] * len(pieces)

        # Without ``self``, which would be part of a cycle and keep its memory after the training.
        def multiply(number: int, piece: slice) -> None:
            products[number] = float(np.dot(grads[piece], weights[piece]))

        self._multiply = network.pool.each(
            [partial(multiply, number, piece) for number, piece in enumerate(pieces)]
        )

    def fine(self, loss: float) -> bool:
        """Whether loss, gradients, weights and, under a ``Detector``, all outputs are finite."""
        if self._detector is not None and self._detector.found:
            return False
        if not math.isfinite(loss):
            return False
        self._multiply()
        if all(map(math.isfinite, self._products)):
            return True
        return finite(self._grads) and finite(self._weights)  # the dot product may overflow

    def cause(self, plan: Plan, loss: float) -> str:
        """Where it began, such as ``the gradient of dense_1.kernel became nan``.

        Args:
            plan: of the step, with its batch filled in again.
            loss: of the step.
        """
        bad = self.weights()
        if bad is not None:
            return bad
        if self._detector is not None and self._detector.first is not None:
            return self._detector.first
        if math.isfinite(loss):
            return self._gradient()
        detected = self._again(plan)
        return f"the loss became {loss}" if detected is None else f"{detected} and the loss {loss}"

    def weights(self) -> str | None:
        """A message on the first parameter that is not finite; None if all are."""
        for name, values in self._network.parameters.named().items():
            if not finite(values):
                return f"{name} became {_kind(values)}"
        return None

    def _gradient(self) -> str:
        """The gradient that is not finite, nearest to the output, where backward starts."""
        parameters = self._network.parameters
        padded = np.zeros_like(parameters.values)
        padded[: len(self._grads)] = self._grads
        for name, values in reversed(parameters.named(padded).items()):
            if not finite(values):
                return f"the gradient of {name} became {_kind(values)}"
        # No layer reads or writes between the parameters, but an optimizer passes over it.
        flat = self._weights if finite(self._grads) else self._grads
        return (
            f"the unused memory between parameters became {_kind(flat)}, from a damaged checkpoint "
            "or because the optimizer divides 0 by 0,"
        )

    def _again(self, plan: Plan) -> str | None:
        """Repeat the forward pass and check every output; the same step gives the same values."""
        network, detector = self._network, Detector()
        before = network.parameters.values.copy()  # running averages would include the batch twice
        Plan(
            plan.graph,
            network.parameters,
            plan.batch,
            training=True,
            kernels=network.kernels,
            pool=network.pool,
            loss=network.loss,
            targets=plan.targets,
            clock=self._clock,
            memory=plan.memory,
            probe=detector,
        ).forward()
        np.copyto(network.parameters.values, before)
        return detector.first


def finite(values: Array) -> bool:
    """Whether all values are finite; looks at pieces, because NumPy makes a byte for each value."""
    flat = values.reshape(-1)
    return all(
        np.isfinite(flat[start : start + _PIECE]).all() for start in range(0, len(flat), _PIECE)
    )


def _kind(values: Array) -> str:
    """The first value that is not finite, as text."""
    return str(values[~np.isfinite(values)].flat[0])
