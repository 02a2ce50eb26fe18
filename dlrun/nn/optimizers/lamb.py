"""LAMB: Adam's steps, as long in relation to a parameter as everywhere else."""

from __future__ import annotations

from typing import ClassVar

from dlrun.nn.kernels import Kernels
from dlrun.nn.optimizer import Optimizer, Pace, Weights, optimizer
from dlrun.nn.threads import Work
from dlrun.spec.fields import Fraction, Positive


@optimizer("lamb")
class LAMB(Optimizer):
    """w -= lr |w| / |r| r, where r is Adam's step with weight decay; |.| is of a whole parameter.

    ``weight_decay`` is part of r, so it turns the step and leaves its length.
    You et al., "Large batch optimization for deep learning: training BERT in 76 minutes", ICLR
    2020.
    """

    whole: ClassVar = True

    lr: Positive = 1e-3
    beta1: Fraction = 0.9
    """How much of the mean gradient is kept in a step."""
    beta2: Fraction = 0.999
    """How much of the mean square is kept in a step."""
    eps: Positive = 1e-6
    """Keeps the division finite."""

    def slots(self) -> tuple[str, ...]:
        """Both means."""
        return ("mean", "square")

    def bind(self, of: Weights, pace: Pace, kernels: Kernels) -> Work:
        """One step on the parameter."""
        lamb = kernels.adam.lamb
        shaped = of.value, of.grad, of.state["mean"], of.state["square"]
        arrays = [each.reshape(-1) for each in shaped]
        rates = self.beta1, self.beta2, self.eps, of.decay
        return lambda: lamb(*arrays, pace.lr, *rates, pace.step)
