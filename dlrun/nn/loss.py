"""What a loss is: the number that training makes small, and its gradient."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Self

import numpy as np

from dlrun.arrays import Array, Shape
from dlrun.nn.kernels import Kernels
from dlrun.nn.layer import Tensor
from dlrun.nn.target import Target
from dlrun.spec.component import Component
from dlrun.spec.registry import Registry


class Loss(Component):
    """The root of all losses; each is a mean over the batch.

    Where the network's output has a mask, the mean is over the valid steps of the batch.

    It is a plain mean, also where classes are weighted: so the loss of a part is the mean of the
    losses of its batches.  Sums are taken in float64 on one thread.
    """

    family: ClassVar = Registry["Loss"]("loss")

    probabilistic: ClassVar[bool] = True
    """False where the predictions of a classifier are no probabilities, only scores."""
    takes_shares: ClassVar[bool] = False
    """Whether targets of a classification may be shares of all classes, (batch, ..., classes) in
    the network's type, in the place of codes."""

    def check(self, output: Shape, target: Target) -> None:
        """Check that the network's output fits the target.

        Args:
            output: shape of a sample of the network's output.
            target: what it is to say.

        Raises:
            ShapeError: it does not; the message says what would.
        """
        raise NotImplementedError

    def check_bounds(self, low: float, high: float, target: Target) -> str | None:
        """Check that outputs can say what they are to say, where the last layer bounds them.

        Args:
            low: no output is below.
            high: none is above; infinite where there is no such bound.
            target: what the outputs are to say.

        Returns:
            What the user should know all the same; None where that is nothing.

        Raises:
            ShapeError: they cannot; the message says why.
        """
        return None

    def fit(self, target: Target) -> Self:
        """The loss with all that it has to know of the training part, as weights of classes."""
        return self

    def bind(self, x: Tensor, targets: Array, kernels: Kernels) -> Callable[[], float]:
        """A function that gives the loss and, where ``x.grad`` is there, writes it.

        Args:
            x: (batch, *output), what the network says.
            targets: (batch, *target).  In a classification codes of classes or, one axis more,
                shares of all classes, (batch, ..., classes), in the network's type.
            kernels: the inner loops.
        """
        raise NotImplementedError

    def predictions(self, outputs: Array) -> Array:
        """What the network says, from its raw outputs: probabilities, or the numbers themselves."""
        return outputs

    def log_odds(self, outputs: Array) -> Array:
        """log(p / (1 - p)) of each probability p that ``predictions`` gives, in its shape.

        Where p is 0 or 1 in every digit, these still tell samples apart.  Losses of classes and
        labels have them.
        """
        raise NotImplementedError


loss = Loss.family


def bind_masked(
    loss: Loss, x: Tensor, targets: Array, mask: Array, kernels: Kernels
) -> Callable[[], float]:
    """A loss over the valid steps alone; 0 where there is none.

    Args:
        loss: the loss.
        x: (batch, time, ...), what the network says.
        targets: (batch, time, ...), as ``Loss.bind`` takes them.
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
