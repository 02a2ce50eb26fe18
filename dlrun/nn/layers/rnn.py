"""The simple recurrent layer."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial
from typing import ClassVar, Literal

from dlrun.nn.initializers.zeros import Zeros
from dlrun.nn.kernels import Kernels
from dlrun.nn.layers.base import Arrays, Parameter, Tensors, layer
from dlrun.nn.layers.recurrent import Recurrent
from dlrun.nn.layers.recurrent_cell import Step
from dlrun.nn.parallel.threads import Work


@layer("rnn")
class RNN(Recurrent):
    """h = tanh(x W + h' U + b), where h' is the state before the step (Elman, 1990).

    Shape: (batch, time, features) -> (batch, units) or (batch, time, units), twice the units if
    ``bidirectional``.
    """

    blocks: ClassVar = 1
    gates: ClassVar = 1

    activation: Literal["tanh", "relu"] = "tanh"
    """The activation of the state."""

    def bounds(self) -> tuple[float, float]:
        """Those of the activation."""
        return (-1.0, 1.0) if self.activation == "tanh" else (0.0, math.inf)

    def biases(self) -> Mapping[str, Parameter]:
        """b, (units,)."""
        return {"bias": Parameter((self.units,), Zeros(), decay=False)}

    def forward_step(self, k: Kernels, parameters: Tensors, a: Arrays, at: Step) -> Work:
        """The state after the step."""
        return partial(
            k.recurrent.rnn,
            a["gates"][at.t],
            a["product"],
            parameters["bias"].value,
            a["states"][at.before],
            at.valid,
            a["states"][at.after],
            self.activation == "relu",
        )

    def backward_step(self, k: Kernels, a: Arrays, at: Step) -> Work:
        """The gradient before the activation."""
        return partial(
            k.recurrent.rnn_backward,
            a["gates"][at.t],
            a["states"][at.after],
            at.valid,
            a["through"],
            at.slope,
            a["straight"],
            self.activation == "relu",
        )
