"""Long short-term memory."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import ClassVar

import numpy as np

from dlrun.arrays import Array, Shape
from dlrun.nn.initializers.base import Initializer
from dlrun.nn.kernels import Kernels
from dlrun.nn.layers.base import Arrays, Buffer, Parameter, Tensors, layer
from dlrun.nn.layers.recurrent import Recurrent
from dlrun.nn.layers.recurrent_cell import Step
from dlrun.nn.parallel.threads import Work


@layer("lstm")
class LSTM(Recurrent):
    """Long short-term memory: c = f c' + i g and h = o tanh(c).

    The gates i, f, o are sigmoids and g is a tanh of x W + h' U + b; h' and c' are the state and
    the cell state before the step.  Hochreiter & Schmidhuber, "Long short-term memory", Neural
    Computation 9, 1997; the forget gate f is from Gers, Schmidhuber & Cummins, 2000.  In all
    parameters the order of the blocks is i, f, g, o.

    Shape: (batch, time, features) -> (batch, units) or (batch, time, units), twice the units if
    ``bidirectional``.
    """

    blocks: ClassVar = 4
    gates: ClassVar = 4

    forget_bias: float = 1.0
    """Initial bias of the forget gate: with 1, cells remember from the start (Jozefowicz, Zaremba &
    Sutskever, ICML 2015)."""

    def biases(self) -> Mapping[str, Parameter]:
        """b, (4 units,)."""
        first = ForgetBias(value=self.forget_bias)
        return {"bias": Parameter((4 * self.units,), first, decay=False)}

    def cells(self, time: int) -> Mapping[str, Buffer]:
        """The cell states between the steps, and their gradient."""
        return {
            "cells": Buffer((time + 1, self.units), kept=True),
            "dcell": Buffer((self.units,)),
        }

    def forward_step(self, k: Kernels, parameters: Tensors, a: Arrays, at: Step) -> Work:
        """State and cell state after the step."""
        return partial(
            k.recurrent.lstm,
            a["gates"][at.t],
            a["product"],
            parameters["bias"].value,
            a["states"][at.before],
            a["cells"][at.before],
            at.valid,
            a["states"][at.after],
            a["cells"][at.after],
        )

    def backward_step(self, k: Kernels, a: Arrays, at: Step) -> Work:
        """The gradients of the gates."""
        return partial(
            k.recurrent.lstm_backward,
            a["gates"][at.t],
            a["cells"][at.before],
            a["cells"][at.after],
            at.valid,
            a["through"],
            at.slope,
            a["straight"],
            a["dcell"],
        )


class ForgetBias(Initializer):
    """Zeros except for the second of four blocks; a spec does not name it."""

    kind: ClassVar = "forget_bias"

    value: float
    """Value of the second block."""

    def sample(
        self, random: np.random.Generator, shape: Shape, fan_in: float, fan_out: float
    ) -> Array:
        """The blocks i, f, g, o of a bias."""
        blocks = np.zeros((4, shape[0] // 4))
        blocks[1] = self.value
        return blocks.reshape(shape)
