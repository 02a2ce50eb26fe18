"""AdaDelta: per-weight steps in the units of the weights."""

from __future__ import annotations

from dlrun.nn.kernels import Kernels
from dlrun.nn.optimizers.base import Optimizer, Pace, WeightBlock, optimizer
from dlrun.nn.parallel.threads import Work
from dlrun.spec.fields import Fraction, Positive, Positive32


@optimizer("adadelta")
class AdaDelta(Optimizer):
    """Per-weight learning rates from running means of squared gradients and squared steps.

    w -= lr x, where x = sqrt(d + eps) / sqrt(s + eps) g; s and d are running means of g^2 and x^2.
    Zeiler, "ADADELTA: an adaptive learning rate method", 2012.
    """

    lr: Positive = 1.0
    rho: Fraction = 0.9
    """Decay rate of both running means per step."""
    eps: Positive32 = 1e-6
    """Avoids division by zero and sets the size of the first steps."""

    def slots(self) -> tuple[str, ...]:
        """The running means s and d."""
        return ("square", "change")

    def bind(self, of: WeightBlock, pace: Pace, kernels: Kernels) -> Work:
        """One step on the block."""
        adadelta = kernels.update.adadelta
        w, g, s, d = of.value, of.grad, of.state["square"], of.state["change"]
        rho, eps, decay = self.rho, self.eps, of.decay
        return lambda: adadelta(w, g, s, d, pace.lr, rho, eps, decay)
