"""AdaMax: Adam that divides by the largest recent gradient."""

from __future__ import annotations

from dlrun.nn.kernels import Kernels
from dlrun.nn.optimizer import Optimizer, Pace, Weights, optimizer
from dlrun.nn.threads import Work
from dlrun.spec.fields import Fraction, Positive


@optimizer("adamax")
class AdaMax(Optimizer):
    """w -= lr m / u, with the mean m of g corrected for its start and u = max(beta2 u, |g| + eps).

    Kingma & Ba, "Adam: a method for stochastic optimization", ICLR 2015, section 7.
    """

    lr: Positive = 2e-3
    beta1: Fraction = 0.9
    """How much of the mean gradient is kept in a step."""
    beta2: Fraction = 0.999
    """How much of the largest gradient is kept in a step."""
    eps: Positive = 1e-8
    """Keeps the division finite."""

    def slots(self) -> tuple[str, ...]:
        """The mean and the largest."""
        return ("mean", "largest")

    def bind(self, of: Weights, pace: Pace, kernels: Kernels) -> Work:
        """One step on the block."""
        adamax = kernels.adam.adamax
        arrays = of.value, of.grad, of.state["mean"], of.state["largest"]
        rates = self.beta1, self.beta2, self.eps, of.decay
        return lambda: adamax(*arrays, pace.lr, *rates, pace.step)
