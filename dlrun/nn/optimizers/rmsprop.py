"""RMSProp: every weight's step divided by the size of its recent gradients."""

from __future__ import annotations

from dlrun.nn.kernels import Kernels
from dlrun.nn.optimizer import Optimizer, Pace, Weights, optimizer
from dlrun.nn.threads import Work
from dlrun.spec.fields import Fraction, Positive


@optimizer("rmsprop")
class RMSProp(Optimizer):
    """w -= lr g / (sqrt(s) + eps), where s = rho s + (1 - rho) g^2.

    Hinton, Srivastava & Swersky, "Neural networks for machine learning", lecture 6e, 2012.
    """

    lr: Positive = 1e-3
    rho: Fraction = 0.9
    """How much of the mean square is kept in a step."""
    eps: Positive = 1e-8
    """Keeps the division finite."""

    def slots(self) -> tuple[str, ...]:
        """The mean square."""
        return ("square",)

    def bind(self, of: Weights, pace: Pace, kernels: Kernels) -> Work:
        """One step on the block."""
        w, g, s, rho, eps = of.value, of.grad, of.state["square"], self.rho, self.eps
        return lambda: kernels.update.rmsprop(w, g, s, pace.lr, rho, eps)
