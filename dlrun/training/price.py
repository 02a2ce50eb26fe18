"""What a network costs, worked out from shapes: nothing is allocated and nothing trained."""

from __future__ import annotations

import math
from dataclasses import dataclass

from dlrun.arrays import Shape
from dlrun.nn.arena import single, size_of
from dlrun.nn.fuse import fuse
from dlrun.nn.layout import lay_out
from dlrun.nn.names import INPUT
from dlrun.spec.origin import Origin
from dlrun.training.compile import Compiled
from dlrun.training.experiment import Experiment


@dataclass(frozen=True, slots=True)
class LayerPrice:
    """One layer.

    Attributes:
        name: in the graph.
        place: in the spec.
        inputs: names of the layers that it reads, ``input`` for the samples.
        output: shape of a sample behind it.
        parameters: numbers that training changes.
        multiply_adds: of a sample's forward pass.
    """

    name: str
    place: Origin
    inputs: tuple[str, ...]
    output: Shape
    parameters: int
    multiply_adds: int


@dataclass(frozen=True, slots=True)
class Price:
    """A training step in numbers.

    Attributes:
        layers: each layer in the order of execution.
        activations: bytes of all values, gradients and work arrays of a step.
        weights: bytes of the parameters and their gradients.
        optimizer: bytes of the optimizer's state and of what stands around it: gradients that add
            up over batches, averaged weights.
    """

    layers: tuple[LayerPrice, ...]
    activations: int
    weights: int
    optimizer: int

    @property
    def memory(self) -> int:
        """All bytes that a step works in, without the data."""
        return self.activations + self.weights + self.optimizer


def price(compiled: Compiled) -> Price:
    """The price of a compiled experiment."""
    graph, experiment = compiled.graph, compiled.experiment
    writers = {graph.input.number: INPUT, **{n.output.number: n.name for n in graph.nodes}}
    layers = tuple(
        LayerPrice(
            node.name,
            node.layer.origin,
            tuple(writers[value.number] for value in node.inputs),
            node.output.shape,
            sum(math.prod(p.shape) for p in node.parameters.values() if p.trainable),
            node.layer.multiply_adds(node.inputs[0].shape),
        )
        for node in graph.nodes
    )
    batch = min(experiment.data.batch_size, len(compiled.data.train))
    values, grads = size_of(graph)
    return Price(
        layers,
        activations=lay_out(fuse(graph, training=True), batch, training=True).size,
        weights=4 * (values + grads),
        optimizer=4 * (_optimizer(compiled, grads) + _around(experiment, values, grads)),
    )


def _optimizer(compiled: Compiled, grads: int) -> int:
    """Numbers in an optimizer's state and in what it works in."""
    rule = compiled.experiment.optimizer
    scratch = sum(
        rule.scratch(block.like.shape, block.hidden, block.like.blocks)
        for block in single(compiled.graph)
    )
    return grads * len(rule.slots()) + scratch


def _around(experiment: Experiment, values: int, grads: int) -> int:
    """Numbers that accumulation and averages hold."""
    accumulated = grads if experiment.accumulate > 1 else 0
    return accumulated + (0 if experiment.average is None else values)
