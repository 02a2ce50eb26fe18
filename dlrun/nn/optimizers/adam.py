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
    amsgrad: bool = False
    """Divide by the largest mean square so far (Reddi, Kale & Kumar, ICLR 2018)."""

    def slots(self) -> tuple[str, ...]:
        """Both means, and the largest mean square where that is what divides."""
        return ("mean", "square", "largest") if self.amsgrad else ("mean", "square")

    def bind(self, of: Weights, pace: Pace, kernels: Kernels) -> Work:
        """One step on the block."""
        adam = kernels.adam.adam
        arrays = of.value, of.grad, of.state["mean"], of.state["square"], of.state.get("largest")
        rates = self.beta1, self.beta2, self.eps, of.decay
        return lambda: adam(*arrays, pace.lr, *rates, pace.step)
