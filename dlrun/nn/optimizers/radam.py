"""RAdam: Adam with a rectified learning rate."""

from __future__ import annotations

from dlrun.nn.kernels import Kernels
from dlrun.nn.optimizers.base import Optimizer, Pace, WeightBlock, optimizer
from dlrun.nn.parallel.threads import Work
from dlrun.spec.fields import Fraction, Positive, Positive32


@optimizer("radam")
class RAdam(Optimizer):
    """Adam with a built-in warm-up, computed from the variance of its step.

    While that variance is infinite, for about the first five steps, w -= lr m; after that the step
    is Adam's, times a factor that rises to 1. Liu et al., "On the variance of the adaptive learning
    rate and beyond", ICLR 2020.
    """

    lr: Positive = 1e-3
    beta1: Fraction = 0.9
    """Decay rate of the mean gradient per step."""
    beta2: Fraction = 0.999
    """Decay rate of the mean square per step."""
    eps: Positive32 = 1e-8
    """Avoids division by zero."""

    def slots(self) -> tuple[str, ...]:
        """The running means m and v."""
        return ("mean", "square")

    def bind(self, of: WeightBlock, pace: Pace, kernels: Kernels) -> Work:
        """One step on the block."""
        radam = kernels.adam.radam
        w, g, m, v = of.value, of.grad, of.state["mean"], of.state["square"]
        beta1, beta2, eps, decay = self.beta1, self.beta2, self.eps, of.decay
        return lambda: radam(w, g, m, v, pace.lr, beta1, beta2, eps, decay, pace.step)
