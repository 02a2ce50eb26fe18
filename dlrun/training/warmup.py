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
from dlrun.augment.augmentation import Augmentation, Setting
from dlrun.augment.augmenter import Augmenter
from dlrun.data.dataset import Dataset
from dlrun.errors import InputError, ShapeError, SpecError
from dlrun.nn.accumulator import Accumulator
from dlrun.nn.average import Averaged
from dlrun.nn.averages.ema import EMA
from dlrun.nn.clip import Clip
from dlrun.nn.graph import Graph, build_graph
from dlrun.nn.initializer import Initializer
from dlrun.nn.initializers.ones import Ones
from dlrun.nn.kernels import numba_kernels
from dlrun.nn.layer import Clock, Layer
from dlrun.nn.layers.activations import ReLU
from dlrun.nn.layers.conv import Conv
from dlrun.nn.layers.dense import Dense
from dlrun.nn.layers.flatten import Flatten
from dlrun.nn.layers.masking import Masking
from dlrun.nn.loss import Loss
from dlrun.nn.losses.mse import MeanSquaredError
from dlrun.nn.network import Network
from dlrun.nn.optimizer import Optimizer
from dlrun.nn.penalty import Penalty
from dlrun.nn.plan import Plan
from dlrun.nn.threads import Gate, quiet
from dlrun.nn.updater import Updater
from dlrun.spec.component import Component
from dlrun.spec.examples import Parts, examples
from dlrun.training.compile import target_of
from dlrun.training.scores import evaluate

_SHAPES: tuple[Shape, ...] = ((4,), (6, 4), (6, 6, 4), (6, 6, 1))
"""Samples: a row of a table, a sequence, an image, and an image of one channel."""

_BATCHES = (3, 1)
"""A batch of one sample too: some of its arrays are contiguous where those of others are not."""

_MOST_FUSED = 4
"""Layers in a row that may become one."""


_SETTING = Setting(8000, lambda path, rate: [np.ones(9, np.float32)])
"""Samples that are waveforms, and a recording."""


_TEXT = "If you want it, I will not wait for a good day."


@dataclass(frozen=True, slots=True)
class Exercise:
    """A small network at work.

    Attributes:
        of: the component that it is for; None is no single one.
        work: makes its steps.
    """

    of: Component | None
    work: Callable[[], None]


def exercises() -> list[Exercise]:
    """At least one for every layer, loss, optimizer, augmentation, and for what is around them.

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
    for around in (Clip(norm=1.0, value=1.0), Penalty(l1=1.0, l2=1.0)):
        found.append(Exercise(around, partial(_prepare, around)))
    for name in Augmentation.family:
        for augmentation in examples(Augmentation.family[name], {}):
            found += [Exercise(augmentation, each) for each in _changes(augmentation)]
    return [*found, Exercise(None, _accumulate), Exercise(None, _wait)]


def _networks() -> Iterator[tuple[Layer, Graph]]:
    """Every layer with networks in which it stands, for all samples that it takes."""
    parts: Parts = {Layer: ReLU(), Initializer: Ones()}
    every = [each for name in Layer.family for each in examples(Layer.family[name], parts)]
    for layer in every:
        for shape in (*_SHAPES, *layer.example_shapes):
            # Behind a layer that learns it has a gradient to pass on, by itself it has none.
            learns = Dense(units=shape[-1])
            rows: list[tuple[Layer, ...]] = [(), (learns,)]
            if len(shape) == 2:
                rows += [(Masking(),), (Masking(), learns)]
            for before in rows:
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
            with suppress(ShapeError):  # it cannot stand there
                each.output_shape(graph.output.shape)
                for training in (True, False):
                    both = last.absorb(each, graph.output.shape, training)
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
        for data in _targets(graph.input.shape, shape):
            with suppress(ShapeError):
                loss.check(graph.output.shape, target_of(data))
                yield graph, data


def _targets(sample: Shape, shape: Shape) -> Iterator[Dataset]:
    """Numbers, which are distributions as well; labels; classes."""
    samples = max(_BATCHES)
    inputs = np.zeros((samples, *sample), "float32")
    numbers = np.full((samples, *shape), 1 / shape[-1], "float32")
    yield Dataset(inputs, numbers, "regression")
    labels = tuple(map(str, range(shape[-1])))
    yield Dataset(inputs, np.zeros_like(numbers), "multi_label", labels)
    for classes in (2, 3):
        codes = np.zeros((samples, *shape[:-1]), "int64")
        yield Dataset(inputs, codes, "classification", tuple(map(str, range(classes))))


@quiet()
def _score(loss: Loss, graph: Graph, data: Dataset) -> None:
    fitted = loss.fit(target_of(data))
    network = Network(graph, fitted, kernels=numba_kernels(), threads=1)
    for batch in _BATCHES:
        some = data.take(np.arange(batch))
        plan = network.training_plan(batch, np.asarray(some.targets), Clock())
        plan.forward()
        plan.loss()
        plan.backward()
        evaluate(network, (), some)
        network.predict(np.asarray(some.inputs))


def _learner() -> Network:
    graph = build_graph([Conv(filters=2), Flatten(), Dense(units=2)], (6, 6, 1))
    return Network(graph, MeanSquaredError(), kernels=numba_kernels(), threads=1)


@quiet()
def _update(optimizer: Optimizer) -> None:
    updater = Updater(optimizer, _learner())
    updater.pace.lr, updater.pace.step = optimizer.lr, 1
    updater()


@quiet()
def _prepare(around: Clip | Penalty) -> None:
    network = _learner()
    network.parameters.grads[...] = 1.0
    around.bind(network)()


@quiet()
def _accumulate() -> None:
    """Gradients of batches, and weights of steps, added up."""
    network = _learner()
    accumulator = Accumulator(network)
    accumulator.add(1)
    averaged = Averaged(EMA(), network)
    for step in (1, 2):
        averaged.take_in(step)


def _wait() -> None:
    """What threads do between pieces of work, on one that need not wait."""
    gate = Gate(numba_kernels().wait.until)
    gate.open()
    gate.wait()


def _changes(augmentation: Augmentation) -> Iterator[Callable[[], None]]:
    """The augmentation at work, for all samples that it takes, texts and colours among them."""
    for shape in (*_SHAPES, (6, 6, 3), ()):
        with suppress(InputError):  # not for such samples, or without the table that it reads
            augmentation.check(shape, "classification")
            yield partial(_augment, augmentation, shape)


def _augment(augmentation: Augmentation, shape: Shape) -> None:
    def read(rows: Array) -> tuple[Array, Array]:
        targets = np.zeros((len(rows), 2), "float32")
        if not shape:
            return np.full(len(rows), _TEXT, object), targets
        return np.zeros((len(rows), *shape), "float32"), targets

    samples = max(_BATCHES)
    kernels = numba_kernels().resample
    augmenter = Augmenter([augmentation], 0, read, samples, kernels, setting=_SETTING)
    augmenter(1, np.arange(samples))
