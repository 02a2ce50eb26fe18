"""NAdam: Adam with Nesterov momentum."""

from __future__ import annotations

from dlrun.nn.kernels import Kernels
from dlrun.nn.optimizers.base import Optimizer, Pace, WeightBlock, optimizer
from dlrun.nn.parallel.threads import Work
from dlrun.spec.fields import Fraction, NonNegative, Positive, Positive32


@optimizer("nadam")
class NAdam(Optimizer):
    """Adam with Nesterov momentum.

    Adam's step with the mean gradient as it will be after the next step.  The momentum of step t is
    beta1 (1 - 0.96^(t momentum_decay) / 2): it rises to beta1. Dozat, "Incorporating Nesterov
    momentum into Adam", ICLR workshop 2016.
    """

    lr: Positive = 2e-3
    beta1: Fraction = 0.9
    """Final decay rate of the mean gradient per step."""
    beta2: Fraction = 0.999
    """Decay rate of the mean square per step."""
    eps: Positive32 = 1e-8
    """Avoids division by zero."""
    momentum_decay: NonNegative = 4e-3
    """How fast the momentum rises."""

    def slots(self) -> tuple[str, ...]:
        """The running means m and v."""
        return ("mean", "square")

    def bind(self, of: WeightBlock, pace: Pace, kernels: Kernels) -> Work:
        """One step on the block."""
        nadam, momenta = kernels.adam.nadam, _Momenta(self)
        w, g, m, v = of.value, of.grad, of.state["mean"], of.state["square"]
        beta1, beta2, eps, decay = self.beta1, self.beta2, self.eps, of.decay

        def step() -> None:
            mu, ahead, product = momenta(pace.step)
            nadam(w, g, m, v, pace.lr, mu, ahead, product, beta1, beta2, eps, decay, pace.step)

        return step

    def momentum(self, step: int) -> float:
        """The momentum of a step, counted from 1."""
        return float(self.beta1 * (1 - 0.5 * 0.96 ** (step * self.momentum_decay)))


class _Momenta:
    """The momentum of a step and of the next one, and the product of all momenta so far.

    They depend only on the step's number; the last product is cached, so consecutive steps cost one
    multiplication.
    """

    def __init__(self, rule: NAdam) -> None:
        self._rule, self._last = rule, (0, 1.0)

    def __call__(self, step: int) -> tuple[float, float, float]:
        momentum = self._rule.momentum
        done, product = self._last if self._last[0] <= step else (0, 1.0)
        for each in range(done + 1, step + 1):
            product *= momentum(each)
        self._last = step, product
        return momentum(step), momentum(step + 1), product
