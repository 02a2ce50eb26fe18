"""The family of layers: everything that the ``model`` list of a spec may contain.

A layer's module finds here all that it needs; the contract itself is in ``nn.graph.operation``.
"""

from __future__ import annotations

from typing import ClassVar

from dlrun.arrays import Shape
from dlrun.nn.graph.bound import Bound, Clock, Context, Meeting
from dlrun.nn.graph.builder import GraphBuilder, Value
from dlrun.nn.graph.declarations import Buffer, Parameter
from dlrun.nn.graph.operation import Merge, Operation, Transform
from dlrun.nn.tensor import Arrays, Tensor, Tensors
from dlrun.spec.component import Component
from dlrun.spec.registry import Registry

__all__ = [
    "AnyLayer",
    "Arrays",
    "Bound",
    "Buffer",
    "Clock",
    "Context",
    "GraphBuilder",
    "Layer",
    "Meeting",
    "Merge",
    "Operation",
    "Parameter",
    "Tensor",
    "Tensors",
    "Transform",
    "Value",
    "layer",
]


class AnyLayer(Component):
    """The root of the family: whatever appends to a graph.

    A ``Layer`` appends itself, a merge appends itself after the values that it names, and a
    combinator, such as ``residual``, appends the layers in it.
    """

    family: ClassVar = Registry["AnyLayer"]("layer")

    example_shapes: ClassVar[tuple[Shape, ...]] = ()
    """Shapes of samples for which the layer uses other kernels than for a small one."""

    def add_to(self, graph: GraphBuilder, x: Value) -> Value:
        """Append to the graph, after the value x.

        Returns:
            The value that the next layer reads.
        """
        raise NotImplementedError


layer = AnyLayer.family


class Layer(Transform, AnyLayer):
    """The base of all layers with one input and one output."""

    def add_to(self, graph: GraphBuilder, x: Value) -> Value:
        """Append the layer."""
        return graph.add(self, (x,))
