"""RAdam: Adam that waits for its mean square before it divides by it."""

from __future__ import annotations

from dlrun.nn.kernels import Kernels
from dlrun.nn.optimizer import Optimizer, Pace, Weights, optimizer
from dlrun.nn.threads import Work
from dlrun.spec.fields import Fraction, Positive


@optimizer("radam")
class RAdam(Optimizer):
    """Adam with a warm-up that follows from the variance of its step.

    While that variance is infinite, in about the first five steps, w -= lr m; then the step is
    Adam's, rectified by a factor that rises to 1.
    Liu et al., "On the variance of the adaptive learning rate and beyond", ICLR 2020.
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
        radam = kernels.adam.radam
        arrays = of.value, of.grad, of.state["mean"], of.state["square"]
        rates = self.beta1, self.beta2, self.eps, of.decay
        return lambda: radam(*arrays, pace.lr, *rates, pace.step)
