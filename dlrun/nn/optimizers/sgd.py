"""Stochastic gradient descent."""

from __future__ import annotations

from pydantic import model_validator

from dlrun.nn.kernels import Kernels
from dlrun.nn.optimizer import Optimizer, Pace, Weights, optimizer
from dlrun.nn.threads import Work
from dlrun.spec.fields import Fraction, Positive


@optimizer("sgd")
class SGD(Optimizer):
    """w -= lr v, where v = momentum v + g.

    Momentum: Polyak, 1964; Nesterov's form as in Sutskever et al., "On the importance of
    initialization and momentum in deep learning", ICML 2013.
    """

    lr: Positive = 0.01
    momentum: Fraction = 0.0
    """How much of the last step's direction is kept."""
    nesterov: bool = False
    """Take the gradient as it will be behind the momentum's step."""

    @model_validator(mode="after")
    def _nesterov_needs_momentum(self) -> SGD:
        if self.nesterov and not self.momentum:
            raise ValueError("'nesterov' needs a 'momentum' above 0")
        return self

    def slots(self) -> tuple[str, ...]:
        """The velocity, where there is momentum."""
        return ("velocity",) if self.momentum else ()

    def bind(self, of: Weights, pace: Pace, kernels: Kernels) -> Work:
        """One step on the block."""
        w, g, mu, nesterov = of.value, of.grad, self.momentum, self.nesterov
        if not mu:
            return lambda: kernels.update.sgd(w, g, pace.lr)
        v = of.state["velocity"]
        return lambda: kernels.update.momentum(w, g, v, pace.lr, mu, nesterov)
