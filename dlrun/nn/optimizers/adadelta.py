"""AdaDelta: steps in the units of the weights."""

from __future__ import annotations

from dlrun.nn.kernels import Kernels
from dlrun.nn.optimizer import Optimizer, Pace, Weights, optimizer
from dlrun.nn.threads import Work
from dlrun.spec.fields import Fraction, Positive


@optimizer("adadelta")
class AdaDelta(Optimizer):
    """w -= lr x, where x = sqrt(d + eps) / sqrt(s + eps) g; s and d are means of g^2 and x^2.

    Zeiler, "ADADELTA: an adaptive learning rate method", 2012.
    """

    lr: Positive = 1.0
    rho: Fraction = 0.9
    """How much of both means is kept in a step."""
    eps: Positive = 1e-6
    """Keeps the division finite and gets the first steps going."""

    def slots(self) -> tuple[str, ...]:
        """Both means."""
        return ("square", "change")

    def bind(self, of: Weights, pace: Pace, kernels: Kernels) -> Work:
        """One step on the block."""
        adadelta = kernels.update.adadelta
        arrays = of.value, of.grad, of.state["square"], of.state["change"]
        rates = self.rho, self.eps, of.decay
        return lambda: adadelta(*arrays, pace.lr, *rates)
