"""Lion: steps of equal length, in the direction of the momentum's sign."""

from __future__ import annotations

from dlrun.nn.kernels import Kernels
from dlrun.nn.optimizers.base import Optimizer, Pace, WeightBlock, optimizer
from dlrun.nn.parallel.threads import Work
from dlrun.spec.fields import Fraction, Positive


@optimizer("lion")
class Lion(Optimizer):
    """Steps of equal length for all weights, in the direction of the momentum's sign.

    w -= lr sign(beta1 m + (1 - beta1) g), then m = beta2 m + (1 - beta2) g. Chen et al., "Symbolic
    discovery of optimization algorithms", NeurIPS 2023.  It needs 1/3 to 1/10 of Adam's learning
    rate, and a ``weight_decay`` larger by the same factor.
    """

    lr: Positive = 1e-4
    beta1: Fraction = 0.9
    """Weight of the momentum in the step's direction."""
    beta2: Fraction = 0.99
    """Decay rate of the momentum per step."""

    def slots(self) -> tuple[str, ...]:
        """The momentum m."""
        return ("mean",)

    def bind(self, of: WeightBlock, pace: Pace, kernels: Kernels) -> Work:
        """One step on the block."""
        lion = kernels.update.lion
        w, g, m = of.value, of.grad, of.state["mean"]
        beta1, beta2, decay = self.beta1, self.beta2, of.decay
        return lambda: lion(w, g, m, pace.lr, beta1, beta2, decay)
