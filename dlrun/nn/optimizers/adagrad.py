"""AdaGrad: every weight's step divided by the size of all its gradients so far."""

from __future__ import annotations

from dlrun.nn.kernels import Kernels
from dlrun.nn.optimizer import Optimizer, Pace, Weights, optimizer
from dlrun.nn.threads import Work
from dlrun.spec.fields import NonNegative, Positive


@optimizer("adagrad")
class AdaGrad(Optimizer):
    """w -= lr g / (sqrt(s) + eps), where s = initial + the sum of all g^2.

    Duchi, Hazan & Singer, "Adaptive subgradient methods for online learning and stochastic
    optimization", JMLR 2011.
    """

    lr: Positive = 0.01
    initial: NonNegative = 0.0
    """What every sum starts with; more makes the first steps shorter."""
    eps: Positive = 1e-10
    """Keeps the division finite."""

    def slots(self) -> tuple[str, ...]:
        """The sum of squares, without ``initial``."""
        return ("square",)

    def bind(self, of: Weights, pace: Pace, kernels: Kernels) -> Work:
        """One step on the block."""
        adagrad = kernels.update.adagrad
        arrays = of.value, of.grad, of.state["square"]
        rates = self.initial, self.eps, of.decay
        return lambda: adagrad(*arrays, pace.lr, *rates)
