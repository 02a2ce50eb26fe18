"""Networks and data with which every loss and every score is computed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import numpy as np

from dlrun.arrays import Shape
from dlrun.data.dataset import Dataset
from dlrun.errors import ShapeError
from dlrun.experiment.target import target_of
from dlrun.inference.scores import evaluate
from dlrun.inspect.warmup_shapes import BATCHES
from dlrun.nn.engine.network import Network
from dlrun.nn.graph.bound import Clock
from dlrun.nn.graph.builder import Graph, build_graph
from dlrun.nn.kernels import numba_kernels
from dlrun.nn.layers.dense import Dense
from dlrun.nn.losses.base import Loss
from dlrun.nn.parallel.blas import quiet


def scored(loss: Loss) -> Iterator[tuple[Graph, Dataset]]:
    """Networks and data that the loss accepts."""
    for shape in ((1,), (2,), (3,), (6, 1), (6, 2)):
        graph = build_graph([Dense(units=shape[-1])], (*shape[:-1], 4))
        for data in _targets(graph.input.shape, shape):
            with suppress(ShapeError):
                loss.check(graph.output.shape, target_of(data))
                yield graph, data


def _targets(sample: Shape, shape: Shape) -> Iterator[Dataset]:
    """Real-valued targets that are also distributions; multi-label targets; classes."""
    samples = max(BATCHES)
    inputs = np.zeros((samples, *sample), "float32")
    numbers = np.full((samples, *shape), 1 / shape[-1], "float32")
    yield Dataset(inputs, numbers, "regression")
    labels = tuple(map(str, range(shape[-1])))
    yield Dataset(inputs, np.zeros_like(numbers), "multi_label", labels)
    for classes in (2, 3):
        codes = np.zeros((samples, *shape[:-1]), "int64")
        yield Dataset(inputs, codes, "classification", tuple(map(str, range(classes))))


@quiet()
def score(loss: Loss, graph: Graph, data: Dataset) -> None:
    """The loss and its gradient for batches of each size, and the scores of the data."""
    fitted = loss.fit(target_of(data))
    network = Network(graph, fitted, kernels=numba_kernels(), threads=1)
    for batch in BATCHES:
        some = data.take(np.arange(batch))
        plan = network.training_plan(batch, np.asarray(some.targets), Clock())
        plan.forward()
        plan.loss()
        plan.backward()
        evaluate(network, (), some)
        network.predict(np.asarray(some.inputs))
