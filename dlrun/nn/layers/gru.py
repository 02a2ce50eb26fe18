"""The gated recurrent unit."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import ClassVar

import numpy as np

from dlrun.arrays import Array
from dlrun.nn.initializers.zeros import Zeros
from dlrun.nn.kernels import Kernels
from dlrun.nn.layers.base import Arrays, Parameter, Tensors, layer
from dlrun.nn.layers.recurrent import Recurrent
from dlrun.nn.layers.recurrent_cell import Step
from dlrun.nn.parallel.matmul import products, sum_of_rows
from dlrun.nn.parallel.threads import Work


@layer("gru")
class GRU(Recurrent):
    """Gated recurrent unit: h = (1 - z) n + z h', n = tanh(x W_n + b_n + r (h' U_n + c)).

    The gates r and z are sigmoids of x W + h' U + b; h' is the state before the step.  Cho et al.,
    "Learning phrase representations using RNN encoder-decoder", EMNLP 2014, with the reset gate r
    after the multiplication with U_n, as in cuDNN and PyTorch, so that one matrix multiplication
    serves all gates.  In all parameters the order of the blocks is r, z, n; c is ``inner_bias``.

    Shape: (batch, time, features) -> (batch, units) or (batch, time, units), twice the units if
    ``bidirectional``.
    """

    blocks: ClassVar = 3
    gates: ClassVar = (
        4  # h' U_n + c, r, z, n: so both multiplications write three blocks side by side
    )

    def biases(self) -> Mapping[str, Parameter]:
        """b, (3 units,), and c, (units,)."""
        return {
            "bias": Parameter((3 * self.units,), Zeros(), decay=False),
            "inner_bias": Parameter((self.units,), Zeros(), decay=False),
        }

    def of_input(self, gates: Array) -> Array:
        """r, z, n."""
        return gates[..., self.units :]

    def of_state(self, gates: Array) -> Array:
        """h' U_n + c, r, z."""
        return gates[..., : 3 * self.units]

    def transpose(self, recurrent: Array, transposed: Array) -> None:
        """Transpose the recurrent kernel, with its last block first."""
        units = self.units
        np.copyto(transposed[:units], recurrent[:, 2 * units :].T)
        np.copyto(transposed[units:], recurrent[:, : 2 * units].T)

    def learn(
        self, k: Kernels, before: Array, later: Array, gates: Array, parameters: Tensors
    ) -> list[Work]:
        """Gradients of the recurrent kernel, in two parts, and of both biases."""
        units = self.units
        recurrent, bias, inner_bias = (
            parameters[name].grad for name in ("recurrent", "bias", "inner_bias")
        )
        assert recurrent is not None and bias is not None and inner_bias is not None
        return [
            *products(k, before.T, later[:, units : 3 * units], recurrent[:, : 2 * units]),
            *products(k, before.T, later[:, :units], recurrent[:, 2 * units :]),
            sum_of_rows(k, self.of_input(gates), bias),
            sum_of_rows(k, gates[:, :units], inner_bias),
        ]

    def forward_step(self, k: Kernels, parameters: Tensors, a: Arrays, at: Step) -> Work:
        """The state after the step."""
        return partial(
            k.recurrent.gru,
            a["gates"][at.t],
            a["product"],
            parameters["bias"].value,
            parameters["inner_bias"].value,
            a["states"][at.before],
            at.valid,
            a["states"][at.after],
        )

    def backward_step(self, k: Kernels, a: Arrays, at: Step) -> Work:
        """The gradients of the gates."""
        return partial(
            k.recurrent.gru_backward,
            a["gates"][at.t],
            a["states"][at.before],
            at.valid,
            a["through"],
            at.slope,
            a["straight"],
        )
