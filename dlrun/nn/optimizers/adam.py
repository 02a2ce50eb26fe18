"""Adam: momentum, with every weight's step divided by the size of its recent gradients."""

from __future__ import annotations

from dlrun.nn.kernels import Kernels
from dlrun.nn.optimizer import Optimizer, Pace, Weights, optimizer
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

    def bind(self, of: Weights, pace: Pace, kernels: Kernels) -> Work:
        """One step on the block."""
        adam, decay = kernels.update.adam, self.decay() if of.decay else 0.0
        arrays = of.value, of.grad, of.state["mean"], of.state["square"]
        rates = self.beta1, self.beta2, self.eps, decay
        return lambda: adam(*arrays, pace.lr, *rates, pace.step)

    def decay(self) -> float:
        """The share of a weight that a step of rate 1 takes away by itself."""
        return 0.0
