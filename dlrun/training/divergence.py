"""Training whose numbers are no longer finite: whether it is, and where it began."""

from __future__ import annotations

import math
from functools import partial

import numpy as np

from dlrun.arrays import Array
from dlrun.nn.graph import Node
from dlrun.nn.layer import Clock
from dlrun.nn.network import Network
from dlrun.nn.pieces import cut
from dlrun.nn.plan import Plan
from dlrun.nn.probe import Probe
from dlrun.nn.threads import Work

_PIECE = 64 * 1024
"""Numbers that are worth handing to another thread."""


class Detector(Probe):
    """Looks at all outputs of all layers, which takes about as long again as a small layer does.

    Attributes:
        found: layers whose output is no longer finite, by their place in the plan.
    """

    def __init__(self) -> None:
        self.found: dict[int, str] = {}

    def output(self, node: Node, values: Array, work: Work) -> Work:
        """The same work, and a look at what it wrote."""

        def looked_at() -> None:
            work()
            if not np.isfinite(values).all():
                self.found[node.number] = f"the output of {node.name} became {_kind(values)}"

        return looked_at

    @property
    def first(self) -> str | None:
        """What happened in the first of them; None where all are finite."""
        return self.found[min(self.found)] if self.found else None


class Watch:
    """Tells behind each backward whether training is still at numbers, and if not, why.

    The product of gradients and weights is finite only where all of both are: one pass over memory
    that the step has just read.  Weights that the optimizer made infinite are therefore found in
    the next step, before they change anything; ``loop`` looks once more behind each epoch.
    """

    def __init__(self, network: Network, clock: Clock) -> None:
        self._network, self._clock = network, clock
        self._grads = network.parameters.grads
        self._weights = network.parameters.values[: len(self._grads)]
        self._detector = network.probe if isinstance(network.probe, Detector) else None
        if self._detector is not None:
            self._detector.found.clear()  # what led to a restart is over
        size = len(self._grads)
        pieces = cut(size, size, _PIECE)
        self._products = [0.0] * len(pieces)
        self._multiply = network.pool.each(
            [partial(self._product, number, piece) for number, piece in enumerate(pieces)]
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
        return _finite(self._grads) and _finite(self._weights)  # a product may overflow

    def cause(self, plan: Plan, loss: float) -> str:
        """Where it began, as ``the gradient of dense_1.kernel became nan``.

        Args:
            plan: of the step, with its batch filled in anew.
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
        """The first parameter that is no longer finite; None where all are."""
        for name, values in self._network.parameters.named().items():
            if not _finite(values):
                return f"{name} became {_kind(values)}"
        return None

    def _product(self, number: int, piece: slice) -> None:
        self._products[number] = float(np.dot(self._grads[piece], self._weights[piece]))

    def _gradient(self) -> str:
        """The gradient that is not finite: backward comes from the output, where it began."""
        parameters = self._network.parameters
        padded = np.zeros_like(parameters.values)
        padded[: len(self._grads)] = self._grads
        for name, values in reversed(parameters.named(padded).items()):
            if not _finite(values):
                return f"the gradient of {name} became {_kind(values)}"
        # Between the parameters nothing is calculated: what is there was stored so.
        flat = self._weights if _finite(self._grads) else self._grads
        return f"the stored training holds {_kind(flat)} between its parameters"

    def _again(self, plan: Plan) -> str | None:
        """Go forward once more and look at every output: the same step gives the same numbers."""
        network, detector = self._network, Detector()
        before = network.parameters.values.copy()  # running averages would take the batch in twice
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


def _finite(values: Array) -> bool:
    return bool(np.isfinite(values).all())


def _kind(values: Array) -> str:
    """What the first value that is not finite is."""
    return str(values[~np.isfinite(values)].flat[0])
