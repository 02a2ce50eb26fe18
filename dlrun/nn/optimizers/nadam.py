"""NAdam: Adam with Nesterov's momentum."""

from __future__ import annotations

from dlrun.nn.kernels import Kernels
from dlrun.nn.optimizer import Optimizer, Pace, Weights, optimizer
from dlrun.nn.threads import Work
from dlrun.spec.fields import Fraction, NonNegative, Positive


@optimizer("nadam")
class NAdam(Optimizer):
    """Adam that takes the mean gradient as it will be behind the momentum's step.

    The momentum of step t is beta1 (1 - 0.96^(t momentum_decay) / 2): it rises to beta1.
    Dozat, "Incorporating Nesterov momentum into Adam", ICLR workshop 2016.
    """

    lr: Positive = 2e-3
    beta1: Fraction = 0.9
    """How much of the mean gradient is kept in a step, in the end."""
    beta2: Fraction = 0.999
    """How much of the mean square is kept in a step."""
    eps: Positive = 1e-8
    """Keeps the division finite."""
    momentum_decay: NonNegative = 4e-3
    """How fast the momentum rises."""

    def slots(self) -> tuple[str, ...]:
        """Both means."""
        return ("mean", "square")

    def bind(self, of: Weights, pace: Pace, kernels: Kernels) -> Work:
        """One step on the block."""
        nadam, momenta = kernels.adam.nadam, _Momenta(self)
        arrays = of.value, of.grad, of.state["mean"], of.state["square"]
        rates = self.beta1, self.beta2, self.eps, of.decay

        def step() -> None:
            nadam(*arrays, pace.lr, *momenta(pace.step), *rates, pace.step)

        return step

    def momentum(self, step: int) -> float:
        """The momentum of a step, counted from 1."""
        return float(self.beta1 * (1 - 0.5 * 0.96 ** (step * self.momentum_decay)))


class _Momenta:
    """The momenta of a step and of the next, and the product of all up to the step's.

    They are functions of the step; the last product is remembered, so that it costs one
    multiplication where steps follow one another.
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
