"""AdaGrad: per-weight learning rates that fall with the sum of squared gradients."""

from __future__ import annotations

from dlrun.nn.kernels import Kernels
from dlrun.nn.optimizers.base import Optimizer, Pace, WeightBlock, optimizer
from dlrun.nn.parallel.threads import Work
from dlrun.spec.fields import NonNegative, Positive, Positive32


@optimizer("adagrad")
class AdaGrad(Optimizer):
    """Per-weight learning rates that fall with the sum of all squared gradients so far.

    w -= lr g / (sqrt(s) + eps), where s = initial + the sum of all g^2. Duchi, Hazan & Singer,
    "Adaptive subgradient methods for online learning and stochastic optimization", JMLR 2011.
    """

    lr: Positive = 0.01
    initial: NonNegative = 0.0
    """Initial value of the sum of squares; larger values shorten the first steps."""
    eps: Positive32 = 1e-10
    """Avoids division by zero."""

    def slots(self) -> tuple[str, ...]:
        """The sum s, without ``initial``."""
        return ("square",)

    def bind(self, of: WeightBlock, pace: Pace, kernels: Kernels) -> Work:
        """One step on the block."""
        adagrad = kernels.update.adagrad
        w, g, s = of.value, of.grad, of.state["square"]
        initial, eps, decay = self.initial, self.eps, of.decay
        return lambda: adagrad(w, g, s, pace.lr, initial, eps, decay)
