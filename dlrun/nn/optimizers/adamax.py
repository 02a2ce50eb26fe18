"""AdaMax: Adam with the infinity norm."""

from __future__ import annotations

from dlrun.nn.kernels import Kernels
from dlrun.nn.optimizers.base import Optimizer, Pace, WeightBlock, optimizer
from dlrun.nn.parallel.threads import Work
from dlrun.spec.fields import Fraction, Positive, Positive32


@optimizer("adamax")
class AdaMax(Optimizer):
    """Adam with the infinity norm: divides by the largest recent gradient.

    w -= lr m / u, with the bias-corrected running mean m of g, and u = max(beta2 u, |g| + eps).
    Kingma & Ba, "Adam: a method for stochastic optimization", ICLR 2015, section 7.
    """

    lr: Positive = 2e-3
    beta1: Fraction = 0.9
    """Decay rate of the mean gradient m per step."""
    beta2: Fraction = 0.999
    """Decay rate of the largest gradient u per step."""
    eps: Positive32 = 1e-8
    """Avoids division by zero."""

    def slots(self) -> tuple[str, ...]:
        """The running mean m and the largest gradient u."""
        return ("mean", "largest")

    def bind(self, of: WeightBlock, pace: Pace, kernels: Kernels) -> Work:
        """One step on the block."""
        adamax = kernels.adam.adamax
        w, g, m, u = of.value, of.grad, of.state["mean"], of.state["largest"]
        beta1, beta2, eps, decay = self.beta1, self.beta2, self.eps, of.decay
        return lambda: adamax(w, g, m, u, pace.lr, beta1, beta2, eps, decay, pace.step)
