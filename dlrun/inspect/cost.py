"""The cost of a network, computed from shapes without allocating or training anything."""

from __future__ import annotations

import math
from dataclasses import dataclass

from dlrun.arrays import Shape
from dlrun.experiment.compile import Compiled
from dlrun.experiment.experiment import Experiment
from dlrun.inspect.footprint import samples, scoring
from dlrun.nn.engine.blocks import single
from dlrun.nn.engine.layout import lay_out
from dlrun.nn.engine.parameter_offsets import size_of
from dlrun.nn.graph.fuse import fuse
from dlrun.nn.graph.scopes import INPUT
from dlrun.spec.origin import Origin


@dataclass(frozen=True, slots=True)
class LayerPrice:
    """One layer.

    Attributes:
        name: in the graph.
        place: in the spec.
        inputs: names of the layers that it reads; ``input`` for the samples.
        output: shape of its output for one sample.
        parameters: number of trainable values.
        multiply_adds: of the forward pass of one sample.
    """

    name: str
    place: Origin
    inputs: tuple[str, ...]
    output: Shape
    parameters: int
    multiply_adds: int


@dataclass(frozen=True, slots=True)
class Price:
    """The cost of a training.

    Attributes:
        layers: in the order of execution.
        activations: bytes of all values, gradients and work arrays of a step.
        weights: bytes of the parameters and their gradients.
        optimizer: bytes of the optimizer's state, of accumulated gradients, and of averaged
            weights.
        copies: bytes of the best weights and, if a diverged run restarts, of the state that it
            restarts from.
        scoring: bytes that scoring needs beyond those of a step.
        data: bytes of the samples that are in memory.
    """

    layers: tuple[LayerPrice, ...]
    activations: int
    weights: int
    optimizer: int
    copies: int
    scoring: int
    data: int

    @property
    def memory(self) -> int:
        """All bytes of a training, at the moment at which it needs most."""
        step = self.activations + self.weights + self.optimizer
        return step + self.copies + self.scoring + self.data


def price(compiled: Compiled) -> Price:
    """The cost of a compiled experiment."""
    graph, experiment = compiled.graph, compiled.experiment
    writers = {graph.input.number: INPUT, **{n.output.number: n.name for n in graph.nodes}}
    layers = tuple(
        LayerPrice(
            node.name,
            node.operation.origin,
            tuple(writers[value.number] for value in node.inputs),
            node.output.shape,
            sum(math.prod(p.shape) for p in node.parameters.values() if p.trainable),
            node.operation.multiply_adds(node.inputs[0].shape),
        )
        for node in graph.nodes
    )
    batch = min(experiment.data.batch_size, len(compiled.data.train))
    values, grads = size_of(graph)
    activations = lay_out(fuse(graph, training=True), batch, training=True).size
    slots, around = grads * len(experiment.optimizer.slots()), _around(experiment, values, grads)
    restart = 0 if experiment.on_divergence is None else values + slots + around
    return Price(
        layers,
        activations=activations,
        weights=4 * (values + grads),
        optimizer=4 * (slots + _scratch(compiled) + around),
        copies=4 * (values + restart),
        scoring=scoring(compiled, activations),
        data=samples(compiled.data),
    )


def _scratch(compiled: Compiled) -> int:
    """Values in the work arrays of an optimizer."""
    rule = compiled.experiment.optimizer
    return sum(
        rule.scratch(block.like.shape, block.hidden, block.like.blocks)
        for block in single(compiled.graph)
    )


def _around(experiment: Experiment, values: int, grads: int) -> int:
    """Values of gradient accumulation and weight averaging."""
    accumulated = grads if experiment.accumulate > 1 else 0
    return accumulated + (0 if experiment.average is None else values)
