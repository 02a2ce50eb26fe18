"""All parameters of a network in one flat array, and their gradients in another."""

from __future__ import annotations

import math
from collections.abc import Mapping

from dlrun.arrays import Array
from dlrun.nn.engine.aligned import aligned_zeros
from dlrun.nn.engine.blocks import merged, single
from dlrun.nn.engine.parameter_offsets import declared_parameters, parameter_offsets
from dlrun.nn.graph.builder import Graph, Node
from dlrun.nn.graph.gains import gains
from dlrun.nn.initializers.base import Initializer
from dlrun.nn.state import State, put
from dlrun.nn.tensor import Tensor
from dlrun.rng import Stream, generator


class Parameters:
    """A graph's parameters as named views of flat arrays.

    Attributes:
        values: all values.
        grads: gradients of the trainable ones, which come first; same offsets.
        blocks: the trainable ones, divided where the optimizer's settings change.
        single: the trainable ones, with one block per parameter.
    """

    def __init__(self, graph: Graph, dtype: str = "float32") -> None:
        self._graph = graph
        self._nodes = graph.nodes
        self._offsets, values, grads = parameter_offsets(graph)
        self.values: Array = aligned_zeros(values, dtype)
        self.grads: Array = aligned_zeros(grads, dtype)
        self.single = single(graph)
        self.blocks = tuple(merged(self.single, grads))
        self._tensors: dict[int, dict[str, Tensor]] = {node.number: {} for node in graph.nodes}
        for node, name, parameter in declared_parameters(graph):
            start = self._offsets[node.number, name]
            stop = start + math.prod(parameter.shape)
            value = self.values[start:stop].reshape(parameter.shape)
            grad = self.grads[start:stop].reshape(parameter.shape) if parameter.trainable else None
            self._tensors[node.number][name] = Tensor(value, grad)

    def of(self, node: Node) -> Mapping[str, Tensor]:
        """The parameters of a node and of the nodes that it has absorbed, by name."""
        numbers = (node.number, *node.absorbed)
        return {name: each for number in numbers for name, each in self._tensors[number].items()}

    def named(self, values: Array | None = None) -> dict[str, Array]:
        """Every parameter as a view, by name, such as ``conv_1.kernel``.

        Args:
            values: a copy of ``values`` to take views of; None is ``values`` itself.
        """
        flat = self.values if values is None else values
        return {
            f"{node.name}.{name}": flat[start : start + tensor.value.size].reshape(
                tensor.value.shape
            )
            for node in self._nodes
            for name, tensor in self._tensors[node.number].items()
            for start in (self._offsets[node.number, name],)
        }

    def named_gradients(self) -> dict[str, Array]:
        """The gradient of every trained parameter as a view, by the names of ``named``."""
        return {
            f"{node.name}.{name}": tensor.grad
            for node in self._nodes
            for name, tensor in self._tensors[node.number].items()
            if tensor.grad is not None
        }

    def state(self) -> State:
        """Every parameter, by the names of ``named``."""
        return self.named()

    def restore(self, state: State) -> None:
        """Set every parameter, and the gaps between parameters to 0, as at the start.

        A parameter that was read into its own place, a view of ``named``, stays as it is.

        Raises:
            KeyError: the names are not those of this network.
        """
        named = self.named()
        if state.keys() != named.keys():
            differ = ", ".join(sorted(state.keys() ^ named.keys()))
            raise KeyError(f"it has other parameters: {differ}")
        self._clear_gaps()
        for name, value in named.items():
            put(value, state[name])

    def _clear_gaps(self) -> None:
        """Set the gaps between parameters to 0."""
        ranges = sorted(
            (self._offsets[number, name], tensor.value.size)
            for number, tensors in self._tensors.items()
            for name, tensor in tensors.items()
        )
        end = 0
        for start, size in ranges:
            self.values[end:start] = 0.0
            end = start + size
        self.values[end:] = 0.0

    def initialize(self, seed: int, default: Initializer) -> None:
        """Set every parameter to its initial values.

        The n-th parameter of the network draws from the n-th random stream, so adding a layer
        without parameters changes none of them.

        Args:
            seed: the run's seed.
            default: for parameters without an initializer.
        """
        number = 0
        gain = gains(self._graph)
        for node in self._nodes:
            for name, parameter in node.parameters.items():
                rule = (parameter.initializer or default).before(gain[node.number])
                random = generator(seed, Stream.INIT, number)
                self._tensors[node.number][name].value[...] = rule.fill(
                    random, parameter.shape, parameter.fan_in, parameter.fan_out, parameter.blocks
                )
                number += 1
