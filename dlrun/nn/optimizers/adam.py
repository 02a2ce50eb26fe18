"""Adam: momentum, and per-weight learning rates from recent squared gradients."""

from __future__ import annotations

from dlrun.nn.kernels import Kernels
from dlrun.nn.optimizers.base import Optimizer, Pace, WeightBlock, optimizer
from dlrun.nn.parallel.threads import Work
from dlrun.spec.fields import Fraction, Positive, Positive32


@optimizer("adam")
class Adam(Optimizer):
    """Momentum with per-weight learning rates from a running mean of squared gradients.

    w -= lr m / (sqrt(v) + eps), where m and v are running means of g and g^2 with bias correction.
    Kingma & Ba, "Adam: a method for stochastic optimization", ICLR 2015.
    """

    lr: Positive = 1e-3
    beta1: Fraction = 0.9
    """Decay rate of the mean gradient m per step."""
    beta2: Fraction = 0.999
    """Decay rate of the mean square v per step."""
    eps: Positive32 = 1e-8
    """Avoids division by zero."""
    amsgrad: bool = False
    """Divide by the largest v so far instead of v (Reddi, Kale & Kumar, ICLR 2018)."""

    def slots(self) -> tuple[str, ...]:
        """The running means m and v; with ``amsgrad`` also the largest v."""
        return ("mean", "square", "largest") if self.amsgrad else ("mean", "square")

    def bind(self, of: WeightBlock, pace: Pace, kernels: Kernels) -> Work:
        """One step on the block."""
        adam = kernels.adam.adam
        w, g, m, v = of.value, of.grad, of.state["mean"], of.state["square"]
        top = of.state.get("largest")
        beta1, beta2, eps, decay = self.beta1, self.beta2, self.eps, of.decay
        return lambda: adam(w, g, m, v, top, pace.lr, beta1, beta2, eps, decay, pace.step)
