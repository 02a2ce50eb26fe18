"""RMSProp: per-weight learning rates from recent squared gradients."""

from __future__ import annotations

from dlrun.nn.kernels import Kernels
from dlrun.nn.optimizers.base import Optimizer, Pace, WeightBlock, optimizer
from dlrun.nn.parallel.threads import Work
from dlrun.spec.fields import Fraction, Positive, Positive32


@optimizer("rmsprop")
class RMSProp(Optimizer):
    """Per-weight learning rates from a running mean of squared gradients.

    w -= lr g / (sqrt(s) + eps), where s = rho s + (1 - rho) g^2. Hinton, Srivastava & Swersky,
    "Neural networks for machine learning", lecture 6e, 2012; centered: Graves, "Generating
    sequences with recurrent neural networks", 2013.
    """

    lr: Positive = 1e-3
    rho: Fraction = 0.9
    """Decay rate of the mean square per step."""
    eps: Positive32 = 1e-8
    """Avoids division by zero."""
    momentum: Fraction = 0.0
    """Momentum: fraction of the last step that is added to the next."""
    centered: bool = False
    """Divide by the standard deviation of the gradient instead of its root mean square."""

    def slots(self) -> tuple[str, ...]:
        """The mean square s; also the mean gradient and the velocity if they are used."""
        mean = ("mean",) if self.centered else ()
        velocity = ("velocity",) if self.momentum else ()
        return ("square", *mean, *velocity)

    def bind(self, of: WeightBlock, pace: Pace, kernels: Kernels) -> Work:
        """One step on the block."""
        rmsprop = kernels.update.rmsprop
        w, g, s = of.value, of.grad, of.state["square"]
        m, v = of.state.get("mean"), of.state.get("velocity")
        rho, eps, mu, decay = self.rho, self.eps, self.momentum, of.decay
        return lambda: rmsprop(w, g, s, m, v, pace.lr, rho, eps, mu, decay)
