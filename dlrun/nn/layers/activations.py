"""Activations: functions of single elements."""

from __future__ import annotations

import math
from collections.abc import Callable
from types import ModuleType
from typing import ClassVar, Literal, NamedTuple

import numpy as np

from dlrun.arrays import Array
from dlrun.nn.kernels import numpy_kernels
from dlrun.nn.kernels.reference.activation import SELU_ALPHA, SELU_SCALE
from dlrun.nn.layers.base import Arrays, Bound, Context, Layer, Tensor, Tensors, layer
from dlrun.spec.fields import Positive32


class Functions(NamedTuple):
    """An activation and its derivative, on flat arrays.

    Attributes:
        value: called with (x, y), writes y.
        slope: called with (x or y, dy, dx), writes dx; x or y is the one that the class ``keeps``.
    """

    value: Callable[[Array, Array], None]
    slope: Callable[[Array, Array, Array], None]


class Activation(Layer):
    """The base of all activations. Shape: any, unchanged."""

    along: ClassVar = "none"

    def functions(self, k: ModuleType) -> Functions:
        """The function and its derivative.

        Args:
            k: the kernels for activations.
        """
        raise NotImplementedError

    def needed_gain(self) -> float:
        """1 / sqrt(E[f(z)^2]) for a standard normal z, as in He et al. (ICCV 2015) for relu.

        With this gain the input of the activation has variance 1 in every layer if it has in the
        first.  A sum over equal steps is accurate to many digits for such integrands.
        """
        z = np.linspace(-10, 10, 2001)
        y = np.empty_like(z)
        self.functions(numpy_kernels().activation).value(z, y)
        weight = np.exp(-np.square(z) / 2)
        return math.sqrt(weight.sum() / (weight * np.square(y)).sum())

    def bind(
        self, x: Tensor, y: Tensor, parameters: Tensors, scratch: Arrays, context: Context
    ) -> Bound:
        """Close over the arrays, flat."""
        value, slope = self.functions(context.kernels.activation)
        x_flat, y_flat = x.value.reshape(-1), y.value.reshape(-1)
        if y.grad is None or x.grad is None:
            return Bound(lambda: value(x_flat, y_flat))
        kept = x_flat if self.keeps == "x" else y_flat
        dy, dx = y.grad.reshape(-1), x.grad.reshape(-1)
        return Bound(lambda: value(x_flat, y_flat), lambda: slope(kept, dy, dx))


@layer("relu")
class ReLU(Activation):
    """max(x, 0) (Nair & Hinton, ICML 2010)."""

    keeps: ClassVar = "y"

    def bounds(self) -> tuple[float, float]:
        """Not below 0."""
        return (0.0, math.inf)

    def functions(self, k: ModuleType) -> Functions:
        """The function and its derivative."""
        return Functions(k.relu, k.relu_backward)


@layer("leaky_relu")
class LeakyReLU(Activation):
    """x if x > 0, otherwise slope x (Maas, Hannun & Ng, 2013)."""

    keeps: ClassVar = "x"

    negative_slope: Positive32 = 0.01
    """Slope for x < 0."""

    def functions(self, k: ModuleType) -> Functions:
        """The function and its derivative."""
        a = self.negative_slope
        return Functions(
            lambda x, y: k.leaky_relu(x, y, a),
            lambda x, dy, dx: k.leaky_relu_backward(x, dy, dx, a),
        )


@layer("elu")
class ELU(Activation):
    """x if x > 0, otherwise alpha (exp(x) - 1) (Clevert, Unterthiner & Hochreiter, 2016)."""

    keeps: ClassVar = "y"

    alpha: Positive32 = 1.0
    """The limit for x towards minus infinity is -alpha."""

    def bounds(self) -> tuple[float, float]:
        """Not below -alpha."""
        return (-self.alpha, math.inf)

    def functions(self, k: ModuleType) -> Functions:
        """The function and its derivative."""
        return _elu(k, self.alpha, 1.0)


@layer("selu")
class SELU(Activation):
    """ELU, scaled so that layers preserve mean 0 and variance 1 (Klambauer et al., 2017)."""

    keeps: ClassVar = "y"

    def bounds(self) -> tuple[float, float]:
        """Not below the limit for x towards minus infinity."""
        return (-SELU_SCALE * SELU_ALPHA, math.inf)

    def functions(self, k: ModuleType) -> Functions:
        """The function and its derivative."""
        return _elu(k, SELU_ALPHA, SELU_SCALE)


def _elu(k: ModuleType, alpha: float, scale: float) -> Functions:
    return Functions(
        lambda x, y: k.elu(x, y, alpha, scale),
        lambda y, dy, dx: k.elu_backward(y, dy, dx, alpha, scale),
    )


@layer("gelu")
class GELU(Activation):
    """x N(x), where N is the normal distribution function (Hendrycks & Gimpel, 2016)."""

    keeps: ClassVar = "x"

    approximate: Literal["none", "tanh"] = "none"
    """``tanh``: the approximation of N by a tanh from the paper, in less time."""

    def bounds(self) -> tuple[float, float]:
        """Not below its approximate minimum, in either form."""
        return (-0.171, math.inf)

    def functions(self, k: ModuleType) -> Functions:
        """The function and its derivative."""
        if self.approximate == "tanh":
            return Functions(k.gelu_tanh, k.gelu_tanh_backward)
        return Functions(k.gelu, k.gelu_backward)


@layer("silu", "swish")
class SiLU(Activation):
    """x sigmoid(x) (Elfwing, Uchibe & Doya, 2018; Ramachandran, Zoph & Le, 2017)."""

    keeps: ClassVar = "x"

    def bounds(self) -> tuple[float, float]:
        """Not below its approximate minimum."""
        return (-0.279, math.inf)

    def functions(self, k: ModuleType) -> Functions:
        """The function and its derivative."""
        return Functions(k.silu, k.silu_backward)


@layer("mish")
class Mish(Activation):
    """x tanh(softplus(x)) (Misra, BMVC 2020)."""

    keeps: ClassVar = "x"

    def bounds(self) -> tuple[float, float]:
        """Not below its approximate minimum."""
        return (-0.309, math.inf)

    def functions(self, k: ModuleType) -> Functions:
        """The function and its derivative."""
        return Functions(k.mish, k.mish_backward)


@layer("hard_swish")
class HardSwish(Activation):
    """x min(max(x + 3, 0), 6) / 6 (Howard et al., "Searching for MobileNetV3", ICCV 2019)."""

    keeps: ClassVar = "x"

    def bounds(self) -> tuple[float, float]:
        """Not below its minimum."""
        return (-0.375, math.inf)

    def functions(self, k: ModuleType) -> Functions:
        """The function and its derivative."""
        return Functions(k.hard_swish, k.hard_swish_backward)


@layer("tanh")
class Tanh(Activation):
    """Hyperbolic tangent."""

    keeps: ClassVar = "y"

    def bounds(self) -> tuple[float, float]:
        """-1 to 1."""
        return (-1.0, 1.0)

    def functions(self, k: ModuleType) -> Functions:
        """The function and its derivative."""
        return Functions(k.tanh, k.tanh_backward)


@layer("sigmoid")
class Sigmoid(Activation):
    """1 / (1 + exp(-x))."""

    keeps: ClassVar = "y"

    def bounds(self) -> tuple[float, float]:
        """0 to 1."""
        return (0.0, 1.0)

    def functions(self, k: ModuleType) -> Functions:
        """The function and its derivative."""
        return Functions(k.sigmoid, k.sigmoid_backward)


@layer("softplus")
class Softplus(Activation):
    """log(1 + exp(x)) (Dugas et al., 2001)."""

    keeps: ClassVar = "x"

    def bounds(self) -> tuple[float, float]:
        """Above 0."""
        return (0.0, math.inf)

    def functions(self, k: ModuleType) -> Functions:
        """The function and its derivative."""
        return Functions(k.softplus, k.softplus_backward)
