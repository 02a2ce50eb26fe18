"""How large activations and gradients are in each layer of a network before training."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dlrun.arrays import Array
from dlrun.data.dataset import Dataset
from dlrun.experiment.compile import compile_spec
from dlrun.nn.engine.network import Network
from dlrun.nn.engine.plan import Plan
from dlrun.nn.engine.probe import Probe
from dlrun.nn.graph.bound import Clock
from dlrun.nn.graph.builder import Node
from dlrun.nn.kernels import numpy_kernels
from dlrun.nn.parallel.threads import Work
from dlrun.training.initial_network import initial_network

_SAMPLES = 16
"""Samples per network; each has its own forward and backward pass."""


@dataclass(frozen=True, slots=True)
class Signals:
    """Root mean squares over units and samples, one per hidden layer, the first layer first.

    Attributes:
        activations: of the outputs of the hidden layers.
        gradients: of the loss with respect to their pre-activations.
    """

    activations: Array
    gradients: Array


class _Squares(Probe):
    """Adds up the squares of the outputs of every node."""

    def __init__(self) -> None:
        self.sums: dict[str, float] = {}
        self.counts: dict[str, int] = {}

    def output(self, node: Node, values: Array, work: Work) -> Work:
        def watched() -> None:
            work()
            total = float(np.sum(values.astype(np.float64) ** 2))
            self.sums[node.name] = self.sums.get(node.name, 0.0) + total
            self.counts[node.name] = self.counts.get(node.name, 0) + values.size

        return watched


def signals(spec: Path, settings: Mapping[str, Any]) -> Signals:
    """Measure the initial network of a spec whose hidden layers are dense with an activation.

    Args:
        spec: the file.
        settings: values that replace those of keys.
    """
    compiled = compile_spec(spec, settings)
    drawn = initial_network(compiled)
    # As float64, because 50 layers of a poor rule leave the range of float32.
    network = Network(compiled.graph, drawn.loss, "float64", numpy_kernels(), threads=1)
    wide = {name: np.float64(each) for name, each in drawn.parameters.named().items()}
    network.parameters.restore(wide)
    rows = np.linspace(0, len(compiled.data.train) - 1, _SAMPLES).astype(np.int64)
    samples = compiled.data.train.take(rows)
    return Signals(_activations(network, samples), _gradients(network, samples))


def _activations(network: Network, samples: Dataset) -> Array:
    watch = _Squares()
    plan = Plan(
        network.graph,
        network.parameters,
        len(samples),
        training=False,
        kernels=network.kernels,
        pool=network.pool,
        probe=watch,
    )
    plan.input[...] = samples.inputs[:]
    plan.forward()
    names = [name for name in watch.sums if not name.startswith(("flatten", "dense"))]
    return np.sqrt([watch.sums[name] / watch.counts[name] for name in names])


def _gradients(network: Network, samples: Dataset) -> Array:
    """From passes of single samples, in which a bias has the gradient of its pre-activation."""
    targets = np.array(samples.targets[:1])
    plan = network.training_plan(1, targets, Clock())
    squares = []
    for row in range(len(samples)):
        targets[...] = samples.targets[row : row + 1]
        plan.input[...] = samples.inputs[row : row + 1]
        plan.forward()
        plan.loss()
        plan.backward()
        found = network.parameters.named_gradients()
        biases = [each for name, each in found.items() if name.endswith(".bias")]
        squares.append([float(np.mean(each**2)) for each in biases[:-1]])
    return np.sqrt(np.mean(squares, axis=0))
