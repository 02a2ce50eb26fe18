"""A graph with its parameters: what is trained, stored and asked for predictions."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from dlrun import variables
from dlrun.arrays import Array
from dlrun.errors import DataError
from dlrun.nn.arena import Parameters
from dlrun.nn.graph import Graph
from dlrun.nn.kernels import Kernels, choose
from dlrun.nn.layer import Clock
from dlrun.nn.loss import Loss
from dlrun.nn.plan import Plan
from dlrun.nn.probe import UNWATCHED, Probe
from dlrun.nn.threads import Exclusive, Pool, shared_pool

_ROWS = 256
"""Samples that a prediction takes at a time."""


class Network:
    """A network that has its numbers.

    Args:
        graph: its structure.
        loss: what it is trained for, which also says what its outputs mean.
        dtype: of all numbers.
        kernels: the inner loops; None chooses by the size of the network.
        threads: how many compute; None is one a processor.  They change no bit of a result.
        probe: watches its training.
        shorter: by length, the same structure for shorter sequences: the same nodes with the same
            parameters.

    Attributes:
        parameters: its numbers.
        pool: the threads.
        in_use: held during a prediction and a step of training; a fork waits for the end of it.
    """

    def __init__(
        self,
        graph: Graph,
        loss: Loss,
        dtype: str = "float32",
        kernels: Kernels | None = None,
        threads: int | None = None,
        probe: Probe = UNWATCHED,
        shorter: Mapping[int, Graph] | None = None,
    ) -> None:
        self.graph, self.loss, self.probe = graph, loss, probe
        self._shorter = shorter or {}
        self.kernels = kernels or choose(graph.multiply_adds())
        self.pool: Pool = shared_pool(threads or variables.threads(), self.kernels)
        self.parameters = Parameters(graph, dtype)
        self._plans: dict[int, Plan] = {}
        self.in_use = Exclusive()

    def training_plan(
        self,
        batch: int,
        targets: Array,
        clock: Clock,
        memory: Array | None = None,
        length: int | None = None,
    ) -> Plan:
        """A plan with gradients.

        Args:
            batch: samples in a step.
            targets: (batch, ...), where the targets of each step will be put.
            clock: where training stands.
            memory: of a larger plan, to be used by turns.
            length: of its sequences, one of those that there is a shorter structure for; None is
                the whole.
        """
        graph = self.graph if length is None else self._shorter[length]
        return Plan(
            graph if batch > 1 else graph.single(),
            self.parameters,
            batch,
            training=True,
            kernels=self.kernels,
            pool=self.pool,
            loss=self.loss,
            targets=targets,
            clock=clock,
            memory=memory,
            probe=self.probe,
        )

    def outputs(self, inputs: Array) -> Array:
        """Raw outputs for any number of samples: (n, *sample) -> (n, *output)."""
        return self.masked_outputs(inputs)[0]

    def masked_outputs(self, inputs: Array) -> tuple[Array, Array | None]:
        """Raw outputs and which of their steps are valid; see ``Plan.mask``.

        Threads that ask at the same time wait for one another: a plan for each would take its
        memory as often.
        """
        count, output, dtype = len(inputs), self.graph.output, self.parameters.values.dtype
        result = np.empty((count, *output.shape), dtype)
        mask = None if output.mask is None else np.empty((count, *output.mask.shape), dtype)
        for start in range(0, count, _ROWS):
            rows = slice(start, min(start + _ROWS, count))
            with self.in_use:
                plan = self._inference_plan(rows.stop - rows.start)
                plan.input[...] = inputs[rows]
                plan.forward()
                result[rows] = plan.output
                if mask is not None:
                    mask[rows] = plan.mask
        return result, mask

    def predict(self, inputs: Array) -> Array:
        """What the network says: probabilities of classes, or numbers.

        Args:
            inputs: (n, *sample), preprocessed as in training.

        Raises:
            DataError: the samples have another shape.
        """
        if inputs.shape[1:] != self.graph.input.shape:
            raise DataError(
                f"the network takes samples of {self.graph.input.shape}, got {inputs.shape[1:]}"
            )
        return self.loss.predictions(self.outputs(inputs))

    def _inference_plan(self, batch: int) -> Plan:
        """A plan without gradients; at most two sizes are kept, the full one and the last."""
        if batch not in self._plans:
            if len(self._plans) > 1:
                self._plans = {n: plan for n, plan in self._plans.items() if n == _ROWS}
            self._plans[batch] = Plan(
                self.graph,
                self.parameters,
                batch,
                training=False,
                kernels=self.kernels,
                pool=self.pool,
            )
        return self._plans[batch]
