"""Lion: steps of one length, in the direction of the momentum's sign."""

from __future__ import annotations

from dlrun.nn.kernels import Kernels
from dlrun.nn.optimizer import Optimizer, Pace, Weights, optimizer
from dlrun.nn.threads import Work
from dlrun.spec.fields import Fraction, Positive


@optimizer("lion")
class Lion(Optimizer):
    """w -= lr sign(beta1 m + (1 - beta1) g), then m = beta2 m + (1 - beta2) g.

    Chen et al., "Symbolic discovery of optimization algorithms", NeurIPS 2023.  Its rate is a third
    to a tenth of Adam's, its ``weight_decay`` as many times larger.
    """

    lr: Positive = 1e-4
    beta1: Fraction = 0.9
    """How much of the momentum is in the direction."""
    beta2: Fraction = 0.99
    """How much of the momentum is kept in a step."""

    def slots(self) -> tuple[str, ...]:
        """The momentum."""
        return ("mean",)

    def bind(self, of: Weights, pace: Pace, kernels: Kernels) -> Work:
        """One step on the block."""
        lion = kernels.update.lion
        arrays = of.value, of.grad, of.state["mean"]
        rates = self.beta1, self.beta2, of.decay
        return lambda: lion(*arrays, pace.lr, *rates)
