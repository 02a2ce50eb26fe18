"""Stochastic gradient descent."""

from __future__ import annotations

from pydantic import model_validator

from dlrun.nn.kernels import Kernels
from dlrun.nn.optimizers.base import Optimizer, Pace, WeightBlock, optimizer
from dlrun.nn.parallel.threads import Work
from dlrun.spec.fields import Fraction, Positive


@optimizer("sgd")
class SGD(Optimizer):
    """Stochastic gradient descent, with optional momentum.

    w -= lr v, where v = momentum v + (1 - dampening) g; v starts as the first g. Momentum: Polyak,
    1964; Nesterov's form as in Sutskever et al., "On the importance of initialization and momentum
    in deep learning", ICML 2013.
    """

    lr: Positive = 0.01
    momentum: Fraction = 0.0
    """Momentum: fraction of the last velocity that is kept."""
    dampening: Fraction = 0.0
    """Fraction of a new gradient that is not added to the velocity."""
    nesterov: bool = False
    """Use Nesterov momentum."""

    @model_validator(mode="after")
    def _fields_fit(self) -> SGD:
        if not self.momentum and (self.nesterov or self.dampening):
            word = "nesterov" if self.nesterov else "dampening"
            raise ValueError(f"'{word}' needs a 'momentum' above 0")
        if self.nesterov and self.dampening:
            raise ValueError("'nesterov' needs a 'dampening' of 0")
        return self

    def slots(self) -> tuple[str, ...]:
        """The velocity v, with momentum."""
        return ("velocity",) if self.momentum else ()

    def bind(self, of: WeightBlock, pace: Pace, kernels: Kernels) -> Work:
        """One step on the block."""
        w, g, mu, nesterov, decay = of.value, of.grad, self.momentum, self.nesterov, of.decay
        if not mu:
            return lambda: kernels.update.sgd(w, g, pace.lr, decay)
        v, damped, momentum = of.state["velocity"], 1.0 - self.dampening, kernels.update.momentum

        def step() -> None:
            new = 1.0 if pace.step == 1 else damped
            momentum(w, g, v, pace.lr, mu, new, nesterov, decay)

        return step
