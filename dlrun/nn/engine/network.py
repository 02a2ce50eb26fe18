"""A network: a graph with its parameters, to train, to save and to predict with."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from dlrun import variables
from dlrun.arrays import Array
from dlrun.errors import DataError
from dlrun.nn.engine.arena import Parameters
from dlrun.nn.engine.plan import Plan
from dlrun.nn.engine.probe import UNWATCHED, Probe
from dlrun.nn.graph.bound import Clock
from dlrun.nn.graph.builder import Graph
from dlrun.nn.kernels import Kernels, choose
from dlrun.nn.losses.base import Loss
from dlrun.nn.parallel.locks import Exclusive
from dlrun.nn.parallel.threads import Pool, shared_pool

ROWS = 256
"""Samples per forward pass of a prediction, except the last one."""


class Network:
    """A graph with its parameters.

    Args:
        graph: its structure.
        loss: the loss to train with, which also converts outputs to predictions.
        dtype: of all arrays.
        kernels: the inner loops; None chooses by the size of the network.
        threads: how many to compute with; None is one per processor.  Results do not depend on it.
        probe: watches its training.
        shorter: by length, the same structure for shorter sequences: the same nodes with the same
            parameters.

    Attributes:
        parameters: its weights.
        pool: the threads.
        in_use: a lock, held during a prediction and a training step; a fork waits for it.
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
            targets: (batch, ...), the array that will contain the targets of each step.
            clock: the current step of training.
            memory: of a larger plan, to use in turn with it.
            length: of the sequences, one of the keys of ``shorter``; None is the full length.
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

        Threads that call it at the same time wait for one another: a plan for each of them would
        need several times the memory.
        """
        count, output, dtype = len(inputs), self.graph.output, self.parameters.values.dtype
        result = np.empty((count, *output.shape), dtype)
        mask = None if output.mask is None else np.empty((count, *output.mask.shape), dtype)
        for start in range(0, count, ROWS):
            rows = slice(start, min(start + ROWS, count))
            with self.in_use:
                plan = self._inference_plan(rows.stop - rows.start)
                plan.input[...] = inputs[rows]
                plan.forward()
                result[rows] = plan.output
                if mask is not None:
                    mask[rows] = plan.mask
        return result, mask

    def predict(self, inputs: Array) -> Array:
        """Predictions: probabilities of classes or labels, or real values.

        Args:
            inputs: (n, *sample), preprocessed as in training.

        Raises:
            DataError: the samples have a different shape.
        """
        if inputs.shape[1:] != self.graph.input.shape:
            raise DataError(
                f"the network needs samples of {self.graph.input.shape}, got {inputs.shape[1:]}"
            )
        return self.loss.predictions(self.outputs(inputs))

    def _inference_plan(self, batch: int) -> Plan:
        """A plan without gradients; at most two sizes are kept: the full size and the latest."""
        if batch not in self._plans:
            if len(self._plans) > 1:
                self._plans = {n: plan for n, plan in self._plans.items() if n == ROWS}
            self._plans[batch] = Plan(
                self.graph,
                self.parameters,
                batch,
                training=False,
                kernels=self.kernels,
                pool=self.pool,
            )
        return self._plans[batch]
