"""AdamW: Adam with weight decay that the division does not touch."""

from __future__ import annotations

from collections.abc import Mapping

from dlrun.arrays import Array
from dlrun.nn.kernels import Kernels
from dlrun.nn.optimizer import Optimizer, Pace, optimizer
from dlrun.nn.threads import Work
from dlrun.spec.fields import Fraction, NonNegative, Positive


@optimizer("adamw")
class AdamW(Optimizer):
    """Adam, and w -= lr weight_decay w; biases and norms do not decay.

    Loshchilov & Hutter, "Decoupled weight decay regularization", ICLR 2019.
    """

    lr: Positive = 1e-3
    weight_decay: NonNegative = 0.01
    """The share of a weight that a step of rate 1 would take away."""
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
        rate = self.weight_decay if decay else 0.0
        return lambda: kernels.update.adam(w, g, m, v, pace.lr, beta1, beta2, eps, rate, pace.step)
