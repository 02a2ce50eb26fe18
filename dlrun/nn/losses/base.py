"""The base of losses: the value that training minimizes, and its gradient."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Self

import numpy as np

from dlrun.arrays import Array, Shape
from dlrun.nn.kernels import Kernels
from dlrun.nn.target import Target
from dlrun.nn.tensor import Tensor
from dlrun.spec.component import Component
from dlrun.spec.registry import Registry


class Loss(Component):
    """Base class of all losses; each is a mean over the batch.

    If the network's output has a mask, the mean is over the valid steps of the batch.

    It is an unweighted mean, even with class weights, so the loss of a dataset is the mean of the
    losses of its batches.  Sums are computed in float64 on one thread.
    """

    family: ClassVar = Registry["Loss"]("loss")

    probabilistic: ClassVar[bool] = True
    """False if the predictions of a classifier are scores instead of probabilities."""
    takes_shares: ClassVar[bool] = False
    """Whether the targets of a classification may be soft: class probabilities (batch, ...,
    classes) in the network's dtype instead of class codes."""

    balances: ClassVar[str | None] = None
    """The field that may be ``balanced``, for which ``fit`` sets values; None without one."""

    @property
    def needs_fit(self) -> bool:
        """Whether ``fit`` reads the targets of the training set."""
        return self.balances is not None and getattr(self, self.balances) == "balanced"

    def check(self, output: Shape, target: Target) -> None:
        """Check that the network's output fits the target.

        Args:
            output: shape of a sample of the network's output.
            target: the targets that it has to predict.

        Raises:
            ShapeError: it does not fit; the message names the shape that would.
        """
        raise NotImplementedError

    def check_bounds(self, low: float, high: float, target: Target) -> str | None:
        """Check that the targets are reachable if the last layer bounds its outputs.

        Args:
            low: lower bound of the outputs; -infinity without one.
            high: upper bound of the outputs; infinity without one.
            target: the targets that the outputs have to predict.

        Returns:
            A warning for the user, or None.

        Raises:
            ShapeError: the targets are not reachable; the message explains why.
        """
        return None

    def fit(self, target: Target) -> Self:
        """The loss with all settings that depend on the training set, such as class weights."""
        return self

    def bind(self, x: Tensor, targets: Array, kernels: Kernels) -> Callable[[], float]:
        """A function that returns the loss and writes ``x.grad``, if that is not None.

        Args:
            x: (batch, *output), the network's outputs.
            targets: (batch, *target).  In a classification class codes or, with one more axis,
                class probabilities (batch, ..., classes) in the network's dtype.
            kernels: the inner loops.
        """
        raise NotImplementedError

    def predictions(self, outputs: Array) -> Array:
        """The predictions, from the network's raw outputs: probabilities, or the values."""
        return outputs

    def log_odds(self, outputs: Array) -> Array:
        """log(p / (1 - p)) of each probability p that ``predictions`` returns, in the same shape.

        These still rank samples whose p rounds to 0 or 1.  Implemented by losses for classification
        and multi-label targets.
        """
        raise NotImplementedError


loss = Loss.family


def bind_masked(
    loss: Loss, x: Tensor, targets: Array, mask: Array, kernels: Kernels
) -> Callable[[], float]:
    """A loss over the valid steps only; 0 if there are none.

    Args:
        loss: the loss.
        x: (batch, time, ...), the network's outputs.
        targets: (batch, time, ...), as for ``Loss.bind``.
        mask: (batch, time), 1 at valid steps and 0 at padding.
        kernels: the inner loops.
    """
    value, grad = x.value, x.grad
    slopes = None if grad is None else np.empty((mask.size, *value.shape[2:]), value.dtype)

    def masked() -> float:
        valid = mask != 0
        rows = value[valid]
        if grad is not None:
            grad.fill(0)
        if not len(rows):
            return 0.0
        slope = None if slopes is None else slopes[: len(rows)]
        found = loss.bind(Tensor(rows, slope), targets[valid], kernels)()
        if grad is not None:
            grad[valid] = slope
        return found

    return masked
