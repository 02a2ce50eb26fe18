"""Calls every compiled kernel once, in the same way as training.

A kernel is compiled for the types of its arguments: dtype, number of axes, and whether an array is
contiguous.  Instead of listing these, small networks with every layer, loss and optimizer that a
spec can name make one step, and every augmentation changes some samples.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from dlrun import catalog
from dlrun.augment.augmentation import Augmentation
from dlrun.inspect.warmup_augmentations import changes
from dlrun.inspect.warmup_losses import score, scored
from dlrun.inspect.warmup_networks import layers, train, train_wide
from dlrun.nn.averages.base import Averaged
from dlrun.nn.averages.ema import EMA
from dlrun.nn.engine.network import Network
from dlrun.nn.graph.builder import build_graph
from dlrun.nn.kernels import numba_kernels
from dlrun.nn.kernels.rehearsal import note, rehearsing
from dlrun.nn.layers.base import Layer
from dlrun.nn.layers.conv import Conv
from dlrun.nn.layers.dense import Dense
from dlrun.nn.layers.flatten import Flatten
from dlrun.nn.losses.base import Loss
from dlrun.nn.losses.mse import MeanSquaredError
from dlrun.nn.optimization.accumulator import Accumulator
from dlrun.nn.optimization.clip import Clip
from dlrun.nn.optimization.penalty import Penalty
from dlrun.nn.optimization.updater import Updater
from dlrun.nn.optimizers.base import Optimizer
from dlrun.nn.parallel.blas import quiet
from dlrun.nn.parallel.threads import Gate
from dlrun.spec.component import Component
from dlrun.spec.examples import examples


@dataclass(frozen=True, slots=True)
class Exercise:
    """Work for small networks.

    Attributes:
        of: the component that it exercises; None if it is not a single one.
        work: runs the steps.
    """

    of: Component | None
    work: Callable[[], None]


def exercises() -> list[Exercise]:
    """At least one for every layer, loss, optimizer and augmentation, and for other kernels.

    Raises:
        ImportError: Numba is not installed.
    """
    catalog.load()
    numba_kernels()
    # The tiles are many and known at once, so that other processes can begin with them.
    found = [Exercise(None, each) for each in (_tiles, _accumulate, _wait, train_wide)]
    every = layers()
    followers = [each for each in every if isinstance(each, Layer)]
    found += [Exercise(each, partial(train, each, followers)) for each in every]
    for name in Loss.family:
        for loss in examples(Loss.family[name], {}):
            found += [Exercise(loss, partial(score, loss, *each)) for each in scored(loss)]
    for name in Optimizer.family:
        for optimizer in examples(Optimizer.family[name], {}):
            found.append(Exercise(optimizer, partial(_update, optimizer)))
    for around in (Clip(norm=1.0, value=1.0), Penalty(l1=1.0, l2=1.0)):
        found.append(Exercise(around, partial(_prepare, around)))
    for name in Augmentation.family:
        for augmentation in examples(Augmentation.family[name], {}):
            found += [Exercise(augmentation, each) for each in changes(augmentation)]
    return found


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
    """Accumulate gradients of batches, and average weights of steps."""
    network = _learner()
    accumulator = Accumulator(network)
    accumulator.add(1)
    averaged = Averaged(EMA(), network)
    for step in (1, 2):
        averaged.take_in(step)


def _wait() -> None:
    """The waiting of threads for work, here without having to wait."""
    gate = Gate(numba_kernels().wait.until)
    gate.open()
    gate.wait()


def _tiles() -> None:
    """Every tile size of a convolution: networks have those that fit their images."""
    from dlrun.nn.kernels.compiled.programs import every_size

    for need in every_size():
        note(need) if rehearsing() else need.fulfil()
