"""RMSProp: every weight's step divided by the size of its recent gradients."""

from __future__ import annotations

from dlrun.nn.kernels import Kernels
from dlrun.nn.optimizer import Optimizer, Pace, Weights, optimizer
from dlrun.nn.threads import Work
from dlrun.spec.fields import Fraction, Positive


@optimizer("rmsprop")
class RMSProp(Optimizer):
    """w -= lr g / (sqrt(s) + eps), where s = rho s + (1 - rho) g^2.

    Hinton, Srivastava & Swersky, "Neural networks for machine learning", lecture 6e, 2012;
    centered: Graves, "Generating sequences with recurrent neural networks", 2013.
    """

    lr: Positive = 1e-3
    rho: Fraction = 0.9
    """How much of the mean square is kept in a step."""
    eps: Positive = 1e-8
    """Keeps the division finite."""
    momentum: Fraction = 0.0
    """How much of the last step's direction is kept."""
    centered: bool = False
    """Divide by the gradient's deviation from its mean instead of its size."""

    def slots(self) -> tuple[str, ...]:
        """The mean square, and the mean and the velocity where they are used."""
        mean = ("mean",) if self.centered else ()
        velocity = ("velocity",) if self.momentum else ()
        return ("square", *mean, *velocity)

    def bind(self, of: Weights, pace: Pace, kernels: Kernels) -> Work:
        """One step on the block."""
        rmsprop, state = kernels.update.rmsprop, of.state
        arrays = of.value, of.grad, state["square"], state.get("mean"), state.get("velocity")
        rates = self.rho, self.eps, self.momentum, of.decay
        return lambda: rmsprop(*arrays, pace.lr, *rates)
