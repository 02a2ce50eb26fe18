"""Activations: one number in, one number out."""

from __future__ import annotations

import math
from collections.abc import Callable
from types import ModuleType
from typing import ClassVar, Literal, NamedTuple

import numpy as np

from dlrun.arrays import Array
from dlrun.nn.kernels import numpy_kernels
from dlrun.nn.kernels.reference.activation import SELU_ALPHA, SELU_SCALE
from dlrun.nn.layer import Arrays, Bound, Context, Layer, Tensor, Tensors, layer
from dlrun.spec.fields import Positive


class Functions(NamedTuple):
    """What an activation computes, on flat arrays.

    Attributes:
        value: writes y, from (x, y).
        slope: writes dx, from (x or y, dy, dx): from whichever of the two the class ``keeps``.
    """

    value: Callable[[Array, Array], None]
    slope: Callable[[Array, Array, Array], None]


class Activation(Layer):
    """The root of all activations. Shape: any, unchanged."""

    along: ClassVar = "none"

    def functions(self, k: ModuleType) -> Functions:
        """Its two functions, of the kernels for activations."""
        raise NotImplementedError

    def needed_gain(self) -> float:
        """1 / sqrt(E[f(z)^2]) for a standard normal z, as He et al. (ICCV 2015) have it for relu.

        Then what goes into the activation has variance 1 in every layer, once it has in the first.
        A sum over even steps is exact to many digits for what ends as a Gaussian does.
        """
        z = np.linspace(-10, 10, 2001)
        y = np.empty_like(z)
        self.functions(numpy_kernels().activation).value(z, y)
        weight = np.exp(-np.square(z) / 2)
        return math.sqrt(weight.sum() / (weight * np.square(y)).sum())

    def bind(self, x: Tensor, y: Tensor, p: Tensors, s: Arrays, context: Context) -> Bound:
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
        """Its two functions."""
        return Functions(k.relu, k.relu_backward)


@layer("leaky_relu")
class LeakyReLU(Activation):
    """x where x > 0, slope x elsewhere (Maas, Hannun & Ng, 2013)."""

    keeps: ClassVar = "x"

    negative_slope: Positive = 0.01
    """Slope left of 0."""

    def functions(self, k: ModuleType) -> Functions:
        """Its two functions."""
        a = self.negative_slope
        return Functions(
            lambda x, y: k.leaky_relu(x, y, a),
            lambda x, dy, dx: k.leaky_relu_backward(x, dy, dx, a),
        )


@layer("elu")
class ELU(Activation):
    """x where x > 0, alpha (exp(x) - 1) elsewhere (Clevert, Unterthiner & Hochreiter, 2016)."""

    keeps: ClassVar = "y"

    alpha: Positive = 1.0
    """Minus the limit on the left."""

    def bounds(self) -> tuple[float, float]:
        """Not below -alpha."""
        return (-self.alpha, math.inf)

    def functions(self, k: ModuleType) -> Functions:
        """Its two functions."""
        return _elu(k, self.alpha, 1.0)


@layer("selu")
class SELU(Activation):
    """ELU scaled so that layers keep mean 0 and variance 1 (Klambauer et al., 2017)."""

    keeps: ClassVar = "y"

    def bounds(self) -> tuple[float, float]:
        """Not below the limit on the left."""
        return (-SELU_SCALE * SELU_ALPHA, math.inf)

    def functions(self, k: ModuleType) -> Functions:
        """Its two functions."""
        return _elu(k, SELU_ALPHA, SELU_SCALE)


def _elu(k: ModuleType, alpha: float, scale: float) -> Functions:
    return Functions(
        lambda x, y: k.elu(x, y, alpha, scale),
        lambda y, dy, dx: k.elu_backward(y, dy, dx, alpha, scale),
    )


@layer("gelu")
class GELU(Activation):
    """x N(x), N the normal distribution function (Hendrycks & Gimpel, 2016)."""

    keeps: ClassVar = "x"

    approximate: Literal["none", "tanh"] = "none"
    """``tanh``: the paper's approximation of N by a tanh, which is a third faster."""

    def bounds(self) -> tuple[float, float]:
        """Not below its minimum, nearly, in either form."""
        return (-0.171, math.inf)

    def functions(self, k: ModuleType) -> Functions:
        """Its two functions."""
        if self.approximate == "tanh":
            return Functions(k.gelu_tanh, k.gelu_tanh_backward)
        return Functions(k.gelu, k.gelu_backward)


@layer("silu", "swish")
class SiLU(Activation):
    """x sigmoid(x) (Elfwing, Uchibe & Doya, 2018; Ramachandran, Zoph & Le, 2017)."""

    keeps: ClassVar = "x"

    def bounds(self) -> tuple[float, float]:
        """Not below its minimum, nearly."""
        return (-0.279, math.inf)

    def functions(self, k: ModuleType) -> Functions:
        """Its two functions."""
        return Functions(k.silu, k.silu_backward)


@layer("mish")
class Mish(Activation):
    """x tanh(softplus(x)) (Misra, BMVC 2020)."""

    keeps: ClassVar = "x"

    def bounds(self) -> tuple[float, float]:
        """Not below its minimum, nearly."""
        return (-0.309, math.inf)

    def functions(self, k: ModuleType) -> Functions:
        """Its two functions."""
        return Functions(k.mish, k.mish_backward)


@layer("hard_swish")
class HardSwish(Activation):
    """x min(max(x + 3, 0), 6) / 6 (Howard et al., "Searching for MobileNetV3", ICCV 2019)."""

    keeps: ClassVar = "x"

    def bounds(self) -> tuple[float, float]:
        """Not below its minimum."""
        return (-0.375, math.inf)

    def functions(self, k: ModuleType) -> Functions:
        """Its two functions."""
        return Functions(k.hard_swish, k.hard_swish_backward)


@layer("tanh")
class Tanh(Activation):
    """Hyperbolic tangent."""

    keeps: ClassVar = "y"

    def bounds(self) -> tuple[float, float]:
        """-1 to 1."""
        return (-1.0, 1.0)

    def functions(self, k: ModuleType) -> Functions:
        """Its two functions."""
        return Functions(k.tanh, k.tanh_backward)


@layer("sigmoid")
class Sigmoid(Activation):
    """1 / (1 + exp(-x))."""

    keeps: ClassVar = "y"

    def bounds(self) -> tuple[float, float]:
        """0 to 1."""
        return (0.0, 1.0)

    def functions(self, k: ModuleType) -> Functions:
        """Its two functions."""
        return Functions(k.sigmoid, k.sigmoid_backward)


@layer("softplus")
class Softplus(Activation):
    """log(1 + exp(x)) (Dugas et al., 2001)."""

    keeps: ClassVar = "x"

    def bounds(self) -> tuple[float, float]:
        """Above 0."""
        return (0.0, math.inf)

    def functions(self, k: ModuleType) -> Functions:
        """Its two functions."""
        return Functions(k.softplus, k.softplus_backward)
