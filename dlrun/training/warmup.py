"""Every compiled kernel, called once in the way that training calls it.

A kernel is compiled for the types of its arguments: dtype, axes, and whether an array is
contiguous.  A list of these would be a second description of what layers do, so nothing is listed:
small networks of every layer, loss and optimizer that a spec can name are bound and take a step,
and every augmentation changes some samples.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

import numpy as np

from dlrun import catalog
from dlrun.arrays import Array, Shape
from dlrun.augment.augmentation import Augmentation
from dlrun.augment.augmenter import Augmenter
from dlrun.data.dataset import Dataset, Task
from dlrun.errors import ShapeError, SpecError
from dlrun.nn.graph import Graph, build_graph
from dlrun.nn.initializer import Initializer
from dlrun.nn.initializers.ones import Ones
from dlrun.nn.kernels import numba_kernels
from dlrun.nn.layer import Clock, Layer
from dlrun.nn.layers.activations import ReLU
from dlrun.nn.layers.conv import Conv
from dlrun.nn.layers.dense import Dense
from dlrun.nn.layers.flatten import Flatten
from dlrun.nn.loss import Loss
from dlrun.nn.losses.mse import MeanSquaredError
from dlrun.nn.network import Network
from dlrun.nn.optimizer import Optimizer
from dlrun.nn.plan import Plan
from dlrun.nn.threads import quiet
from dlrun.nn.updater import Updater
from dlrun.spec.component import Component
from dlrun.spec.examples import Parts, examples
from dlrun.training.scores import evaluate

_SHAPES: tuple[Shape, ...] = ((4,), (6, 4), (6, 6, 4), (6, 6, 1))
"""Samples: a row of a table, a sequence, an image, and an image of one channel."""

_BATCHES = (3, 1)
"""A batch of one sample too: some of its arrays are contiguous where those of others are not."""

_MOST_FUSED = 4
"""Layers in a row that may become one."""


@dataclass(frozen=True, slots=True)
class Exercise:
    """A small network at work.

    Attributes:
        of: the component that it is for.
        work: makes its steps.
    """

    of: Component
    work: Callable[[], None]


def exercises() -> list[Exercise]:
    """At least one for every layer, loss, optimizer and augmentation of images.

    Raises:
        ImportError: Numba is not installed.
    """
    assert catalog.MODULES
    numba_kernels()
    found = [Exercise(layer, partial(_step, graph)) for layer, graph in _networks()]
    for name in Loss.family:
        for loss in examples(Loss.family[name], {}):
            found += [Exercise(loss, partial(_score, loss, *each)) for each in _scored(loss)]
    for name in Optimizer.family:
        for optimizer in examples(Optimizer.family[name], {}):
            found.append(Exercise(optimizer, partial(_update, optimizer)))
    for name in Augmentation.family:
        for augmentation in examples(Augmentation.family[name], {}):
            found += [Exercise(augmentation, each) for each in _changes(augmentation)]
    return found


def _networks() -> Iterator[tuple[Layer, Graph]]:
    """Every layer with networks in which it stands, for all samples that it takes."""
    parts: Parts = {Layer: ReLU(), Initializer: Ones()}
    every = [each for name in Layer.family for each in examples(Layer.family[name], parts)]
    for layer in every:
        for shape in (*_SHAPES, *layer.example_shapes):
            # Behind a layer that learns it has a gradient to pass on, by itself it has none.
            for before in ((), (Dense(units=shape[-1]),)):
                with suppress(SpecError):  # it is no layer for such samples
                    for graph in _fused((*before, layer), layer, every, shape):
                        yield layer, graph


def _fused(
    row: tuple[Layer, ...], last: Layer, every: Sequence[Layer], shape: Shape
) -> Iterator[Graph]:
    """The network of a row, and all longer ones in which ``last`` absorbs what is behind it."""
    graph = build_graph(row, shape)
    yield graph
    if len(row) < _MOST_FUSED:
        for each in every:
            both = last.absorb(each, graph.output.shape)
            if both is not None:
                yield from _fused((*row, each), both, every, shape)


@quiet()
def _step(graph: Graph) -> None:
    network = Network(graph, MeanSquaredError(), kernels=numba_kernels(), threads=1)
    for batch in _BATCHES:
        for training in (True, False):
            plan = Plan(
                graph,
                network.parameters,
                batch,
                training=training,
                kernels=network.kernels,
                pool=network.pool,
            )
            plan.forward()
            plan.backward()


def _scored(loss: Loss) -> Iterator[tuple[Graph, Dataset]]:
    """Networks and data that the loss takes."""
    for shape in ((1,), (2,), (3,), (6, 1), (6, 2)):
        graph = build_graph([Dense(units=shape[-1])], (*shape[:-1], 4))
        for classes in (None, 2, 3):
            task: Task = "regression" if classes is None else "classification"
            of, dtype = (shape, "float32") if classes is None else (shape[:-1], "int64")
            try:
                loss.check(graph.output.shape, of, classes)
            except ShapeError:
                continue
            inputs = np.zeros((max(_BATCHES), *graph.input.shape), "float32")
            names = None if classes is None else tuple(map(str, range(classes)))
            targets = np.zeros((max(_BATCHES), *of), dtype)
            yield graph, Dataset(inputs, targets, task, names)


@quiet()
def _score(loss: Loss, graph: Graph, data: Dataset) -> None:
    network = Network(graph, loss, kernels=numba_kernels(), threads=1)
    for batch in _BATCHES:
        some = data.take(np.arange(batch))
        plan = network.training_plan(batch, np.asarray(some.targets), Clock())
        plan.forward()
        plan.loss()
        plan.backward()
        evaluate(network, (), some)
        network.predict(np.asarray(some.inputs))


@quiet()
def _update(optimizer: Optimizer) -> None:
    graph = build_graph([Conv(filters=2), Flatten(), Dense(units=2)], (6, 6, 1))
    network = Network(graph, MeanSquaredError(), kernels=numba_kernels(), threads=1)
    updater = Updater(optimizer, network)
    updater.pace.lr, updater.pace.step = optimizer.lr, 1
    updater()


def _changes(augmentation: Augmentation) -> Iterator[Callable[[], None]]:
    """The augmentation at work, for all samples that it takes, images in colour among them."""
    for shape in (*_SHAPES, (6, 6, 3)):
        with suppress(ShapeError):
            augmentation.check(shape, "classification")
            yield partial(_augment, augmentation, shape)


def _augment(augmentation: Augmentation, shape: Shape) -> None:
    def read(rows: Array) -> tuple[Array, Array]:
        return np.zeros((len(rows), *shape), "float32"), np.zeros((len(rows), 2), "float32")

    samples = max(_BATCHES)
    augmenter = Augmenter([augmentation], 0, read, samples, numba_kernels().resample)
    augmenter(1, np.arange(samples))
