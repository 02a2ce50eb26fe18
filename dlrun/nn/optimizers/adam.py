"""Adam: momentum, with every weight's step divided by the size of its recent gradients."""

from __future__ import annotations

from collections.abc import Mapping

from dlrun.arrays import Array
from dlrun.nn.kernels import Kernels
from dlrun.nn.optimizer import Optimizer, Pace, optimizer
from dlrun.nn.threads import Work
from dlrun.spec.fields import Fraction, Positive


@optimizer("adam")
class Adam(Optimizer):
    """w -= lr m / (sqrt(v) + eps), with the means m and v of g and g^2 corrected for their start.

    Kingma & Ba, "Adam: a method for stochastic optimization", ICLR 2015.
    """

    lr: Positive = 1e-3
    beta1: Fraction = 0.9
    """How much of the mean gradient is kept in a step."""
    beta2: Fraction = 0.999
    """How much of the mean square is kept in a step."""
    eps: Positive = 1e-8
    """Keeps the division finite."""

    def slots(self) -> tuple[str, ...]:
        """Both means."""
        return ("mean", "square")

    def bind(
        self,
        w: Array,
        g: Array,
        state: Mapping[str, Array],
        pace: Pace,
        decay: bool,
        kernels: Kernels,
    ) -> Work:
        """One step on the block."""
        m, v, beta1, beta2, eps = state["mean"], state["square"], self.beta1, self.beta2, self.eps
        return lambda: kernels.update.adam(w, g, m, v, pace.lr, beta1, beta2, eps, 0.0, pace.step)
