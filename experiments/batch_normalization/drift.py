"""How the inputs of a hidden layer move while the layers below them learn."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dlrun.arrays import Array
from dlrun.experiment.compile import Compiled, compile_spec
from dlrun.nn.engine.network import Network
from dlrun.nn.engine.plan import Plan
from dlrun.nn.engine.probe import Probe
from dlrun.nn.graph.builder import Node
from dlrun.nn.parallel.threads import Work
from dlrun.rng import Stream, generator
from dlrun.training.events import EpochEnded, RunStarted, StepEnded
from dlrun.training.session import Session
from dlrun.training.stop import Stop

LAYER = 3
"""The hidden layer whose outputs are watched; they are the inputs of the next one."""


@dataclass(frozen=True, slots=True)
class Drift:
    """The inputs of a hidden layer in the course of a training, over all validation samples.

    Attributes:
        means: (steps, units), before each step.
        deviations: standard deviations of the same shape.
        accuracies: on the validation set, after each epoch.
    """

    means: Array
    deviations: Array
    accuracies: list[float]

    @property
    def per_step(self) -> float:
        """Mean change of a unit's mean in a step, in standard deviations of the layer's inputs."""
        return float(np.mean(np.abs(np.diff(self.means, axis=0)))) / self._size

    @property
    def moved(self) -> Array:
        """(steps,) mean distance of a unit's mean from that at the start, in the same unit."""
        return np.abs(self.means - self.means[0]).mean(axis=1) / self._size

    @property
    def _size(self) -> float:
        return float(np.sqrt(np.mean(self.deviations**2)))


class _Outputs(Probe):
    """Finds the outputs of a node when its work is bound."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.chunks: list[Array] = []

    def output(self, node: Node, values: Array, work: Work) -> Work:
        if node.name.endswith(self.name):
            self.chunks.append(values)
        return work


class Watch:
    """Computes the inputs of a hidden layer as in training, without a trace in the training.

    Args:
        compiled: the experiment.
        network: whose current parameters to use.
    """

    def __init__(self, compiled: Compiled, network: Network) -> None:
        samples = compiled.data.validation
        assert samples is not None
        self._found = _Outputs(f"relu_{LAYER}")
        self._from = network.parameters
        # A network of its own, because a pass in training changes the running averages.
        self._own = Network(compiled.graph, network.loss, kernels=network.kernels, threads=1)
        self._plan = Plan(
            compiled.graph,
            self._own.parameters,
            len(samples),
            training=True,
            kernels=network.kernels,
            pool=self._own.pool,
            probe=self._found,
        )
        self._plan.input[...] = samples.inputs[:]

    def measure(self) -> tuple[Array, Array]:
        """Mean and standard deviation of each unit with the statistics of these samples."""
        np.copyto(self._own.parameters.values, self._from.values)
        self._plan.forward()
        values = np.concatenate(self._found.chunks).astype(np.float64)
        return values.mean(axis=0), values.std(axis=0)


class Shaken:
    """Noise that moves and scales the outputs of all batch normalizations anew in each step.

    It is in place during a step only: validation and the final weights have none.

    Args:
        network: that is trained.
        seed: of the noise.
        size: half of the uniform range of both, in standard deviations of the outputs.
    """

    def __init__(self, network: Network, seed: int, size: float) -> None:
        self._arrays = [
            array
            for name, array in network.parameters.named().items()
            if name.startswith("batch_norm") and name.endswith((".scale", ".shift"))
        ]
        self._random = generator(seed, Stream.DROPOUT)
        self._size = size
        self._noise = [np.zeros_like(array) for array in self._arrays]

    def remove(self) -> None:
        """Leave what was learned."""
        for array, noise in zip(self._arrays, self._noise, strict=True):
            array -= noise
            noise[...] = 0.0

    def renew(self) -> None:
        """Replace the noise of the last step by that of the next one."""
        self.remove()
        for array, noise in zip(self._arrays, self._noise, strict=True):
            noise[...] = self._random.uniform(-self._size, self._size, noise.shape)
            array += noise


def watch_drift(spec: Path, settings: Mapping[str, Any], noise: float = 0.0) -> Drift:
    """Train a spec, without a run directory, and measure the inputs of a layer at every step.

    Args:
        spec: the file, whose hidden layers end with relu.
        settings: values that replace those of keys.
        noise: see ``Shaken``.
    """
    compiled = compile_spec(spec, settings)
    session = Session(compiled)
    watch = Watch(compiled, session.network)
    shaken = Shaken(session.network, compiled.experiment.seed, noise)
    accuracies: list[float] = []
    found = [watch.measure() for _ in _steps(session, shaken, accuracies)]
    means, deviations = zip(*found, strict=True)
    return Drift(np.array(means), np.array(deviations), accuracies)


def _steps(session: Session, shaken: Shaken, accuracies: list[float]) -> Iterator[None]:
    """Yields before each step, when its noise is in place."""
    steps = 0
    for event in session.run(Stop()):
        if isinstance(event, RunStarted):
            steps = event.steps
            shaken.renew()
            yield
        elif isinstance(event, StepEnded):
            if event.step < steps:
                shaken.renew()
                yield
            else:
                shaken.remove()
        elif isinstance(event, EpochEnded):
            accuracies.append(float(event.row["validation.accuracy"]))
            if event.epoch < session.compiled.experiment.epochs:
                shaken.renew()
                yield
