"""Activations: one number in, one number out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar

from dlrun.arrays import Array
from dlrun.nn import kernels
from dlrun.nn.kernels.reference.activation import SELU_ALPHA, SELU_SCALE
from dlrun.nn.layer import Bound, Context, Layer, Tensor, layer
from dlrun.spec.fields import Positive


class Activation(Layer):
    """The root of all activations. Shape: any, unchanged.

    ``value`` writes y from x; ``slope`` writes dx from dy and from whichever of x and y the class
    ``keeps``.
    """

    def value(self, x: Array, y: Array) -> None:
        """Write y."""
        raise NotImplementedError

    def slope(self, kept: Array, dy: Array, dx: Array) -> None:
        """Write dx."""
        raise NotImplementedError

    def bind(
        self,
        x: Tensor,
        y: Tensor,
        p: Mapping[str, Tensor],
        s: Mapping[str, Array],
        context: Context,
    ) -> Bound:
        """Close over the arrays."""
        forward: Callable[[], None] = lambda: self.value(x.value, y.value)  # noqa: E731
        kept = x.value if self.keeps == "x" else y.value
        dy, dx = y.grad, x.grad
        if dy is None or dx is None:
            return Bound(forward)
        return Bound(forward, lambda: self.slope(kept, dy, dx))


@layer("relu")
class ReLU(Activation):
    """max(x, 0) (Nair & Hinton, ICML 2010)."""

    keeps: ClassVar = "y"

    def value(self, x: Array, y: Array) -> None:
        """Write y."""
        kernels.activation.relu(x, y)

    def slope(self, kept: Array, dy: Array, dx: Array) -> None:
        """Write dx."""
        kernels.activation.relu_backward(kept, dy, dx)


@layer("leaky_relu")
class LeakyReLU(Activation):
    """x where x > 0, slope x elsewhere (Maas, Hannun & Ng, 2013)."""

    keeps: ClassVar = "x"

    negative_slope: Positive = 0.01
    """Slope left of 0."""

    def value(self, x: Array, y: Array) -> None:
        """Write y."""
        kernels.activation.leaky_relu(x, y, self.negative_slope)

    def slope(self, kept: Array, dy: Array, dx: Array) -> None:
        """Write dx."""
        kernels.activation.leaky_relu_backward(kept, dy, dx, self.negative_slope)


@layer("elu")
class ELU(Activation):
    """x where x > 0, alpha (exp(x) - 1) elsewhere (Clevert, Unterthiner & Hochreiter, 2016)."""

    keeps: ClassVar = "y"

    alpha: Positive = 1.0
    """Minus the limit on the left."""

    def value(self, x: Array, y: Array) -> None:
        """Write y."""
        kernels.activation.elu(x, y, self.alpha, 1.0)

    def slope(self, kept: Array, dy: Array, dx: Array) -> None:
        """Write dx."""
        kernels.activation.elu_backward(kept, dy, dx, self.alpha, 1.0)


@layer("selu")
class SELU(Activation):
    """ELU scaled so that layers keep mean 0 and variance 1 (Klambauer et al., 2017)."""

    keeps: ClassVar = "y"

    def value(self, x: Array, y: Array) -> None:
        """Write y."""
        kernels.activation.elu(x, y, SELU_ALPHA, SELU_SCALE)

    def slope(self, kept: Array, dy: Array, dx: Array) -> None:
        """Write dx."""
        kernels.activation.elu_backward(kept, dy, dx, SELU_ALPHA, SELU_SCALE)


@layer("gelu")
class GELU(Activation):
    """x times the normal distribution function, in its tanh form (Hendrycks & Gimpel, 2016)."""

    keeps: ClassVar = "x"

    def value(self, x: Array, y: Array) -> None:
        """Write y."""
        kernels.activation.gelu(x, y)

    def slope(self, kept: Array, dy: Array, dx: Array) -> None:
        """Write dx."""
        kernels.activation.gelu_backward(kept, dy, dx)


@layer("silu", "swish")
class SiLU(Activation):
    """x sigmoid(x) (Elfwing, Uchibe & Doya, 2018; Ramachandran, Zoph & Le, 2017)."""

    keeps: ClassVar = "x"

    def value(self, x: Array, y: Array) -> None:
        """Write y."""
        kernels.activation.silu(x, y)

    def slope(self, kept: Array, dy: Array, dx: Array) -> None:
        """Write dx."""
        kernels.activation.silu_backward(kept, dy, dx)


@layer("tanh")
class Tanh(Activation):
    """Hyperbolic tangent."""

    keeps: ClassVar = "y"

    def value(self, x: Array, y: Array) -> None:
        """Write y."""
        kernels.activation.tanh(x, y)

    def slope(self, kept: Array, dy: Array, dx: Array) -> None:
        """Write dx."""
        kernels.activation.tanh_backward(kept, dy, dx)


@layer("sigmoid")
class Sigmoid(Activation):
    """1 / (1 + exp(-x))."""

    keeps: ClassVar = "y"

    def value(self, x: Array, y: Array) -> None:
        """Write y."""
        kernels.activation.sigmoid(x, y)

    def slope(self, kept: Array, dy: Array, dx: Array) -> None:
        """Write dx."""
        kernels.activation.sigmoid_backward(kept, dy, dx)


@layer("softplus")
class Softplus(Activation):
    """log(1 + exp(x)) (Dugas et al., 2001)."""

    keeps: ClassVar = "x"

    def value(self, x: Array, y: Array) -> None:
        """Write y."""
        kernels.activation.softplus(x, y)

    def slope(self, kept: Array, dy: Array, dx: Array) -> None:
        """Write dx."""
        kernels.activation.softplus_backward(kept, dy, dx)
