"""The contract of a recurrent layer's cell: what it computes in one time step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, NamedTuple

import numpy as np

from dlrun.arrays import Array
from dlrun.nn.kernels import Kernels
from dlrun.nn.layers.base import Arrays, Buffer, Layer, Parameter, Tensors
from dlrun.nn.parallel.matmul import products, sum_of_rows
from dlrun.nn.parallel.threads import Work


class Step(NamedTuple):
    """A time step of some samples, for the functions between two matrix multiplications.

    Attributes:
        t: its position in time.
        before: position of the state before it.
        after: position of the state after it.
        valid: (rows,) bool, False at padding; None without padding.
        slope: (rows, units), the gradient of the layer's output at this step; None if it has none.
    """

    t: int
    before: int
    after: int
    valid: Array | None
    slope: Array | None


class Cell(Layer):
    """The base of recurrent layers: all that differs between them."""

    blocks: ClassVar[int]
    """Columns of both kernels, as a multiple of the units."""
    gates: ClassVar[int]
    """Values that a step keeps for backward, as a multiple of the units."""

    def biases(self) -> Mapping[str, Parameter]:
        """Parameters of a direction in addition to its two kernels."""
        raise NotImplementedError

    def cells(self, time: int) -> Mapping[str, Buffer]:
        """Work arrays of a direction in addition to those of all recurrent layers."""
        return {}

    def forward_step(self, k: Kernels, parameters: Tensors, a: Arrays, at: Step) -> Work:
        """From gates that contain x W, and ``product``, h U, to the state after the step."""
        raise NotImplementedError

    def backward_step(self, k: Kernels, a: Arrays, at: Step) -> Work:
        """From the gradient of the state after the step to those of the gates."""
        raise NotImplementedError

    def of_input(self, gates: Array) -> Array:
        """The columns of (..., gates units) that x W fills."""
        return gates

    def of_state(self, gates: Array) -> Array:
        """The columns of (..., gates units) that h U is added to."""
        return gates

    def transpose(self, recurrent: Array, transposed: Array) -> None:
        """Transpose the recurrent kernel, with rows in the order of ``of_state``."""
        np.copyto(transposed, recurrent.T)

    def learn(
        self, k: Kernels, before: Array, later: Array, gates: Array, parameters: Tensors
    ) -> list[Work]:
        """Gradients of the recurrent kernel and the biases.

        Args:
            k: the inner loops.
            before: (rows, units), the states before all steps but the first, where it is 0.
            later: (rows, gates units), the gradients of the gates of these steps.
            gates: (more rows, gates units), those of all steps.
            parameters: the direction's parameters.
        """
        recurrent, bias = parameters["recurrent"].grad, parameters["bias"].grad
        assert recurrent is not None and bias is not None
        return [*products(k, before.T, later, recurrent), sum_of_rows(k, gates, bias)]
