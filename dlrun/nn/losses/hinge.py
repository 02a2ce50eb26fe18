"""The multiclass hinge loss: 0 if the true class leads by a margin."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from dlrun.arrays import Array, Shape
from dlrun.errors import ShapeError
from dlrun.nn.kernels import Kernels
from dlrun.nn.losses.base import loss
from dlrun.nn.losses.class_weights import need_classes, shares, weight_table
from dlrun.nn.losses.softmax import SoftmaxLoss
from dlrun.nn.target import Target
from dlrun.nn.tensor import Tensor
from dlrun.spec.fields import Positive32


@loss("hinge")
class Hinge(SoftmaxLoss):
    """Multiclass hinge loss, as in support vector machines.

    max(0, margin - x[target] + largest other x).  Crammer & Singer, "On the algorithmic
    implementation of multiclass kernel-based vector machines", JMLR 2, 2001.  Predictions are the
    softmax of the outputs: scores that rank the classes, not probabilities.

    Shape: outputs (batch, ..., classes) for targets (batch, ...).
    """

    takes_shares: ClassVar = True
    probabilistic: ClassVar = False

    margin: Positive32 = 1.0
    """Minimum lead of the true class's output over all others for a loss of 0."""
    squared: bool = False
    """Square the hinge, so that the gradient fades out near the margin."""

    def check(self, output: Shape, target: Target) -> None:
        """Check for one output per class."""
        need_classes(self.kind, output, target, labels="binary_hinge")

    def check_bounds(self, low: float, high: float, target: Target) -> str | None:
        """The output of the true class must be able to lead by the margin."""
        if high - low <= self.margin:
            raise ShapeError(f"no output could lead by the margin of {self.margin:g}")
        return None

    def bind(self, x: Tensor, targets: Array, kernels: Kernels) -> Callable[[], float]:
        """Bind the loss to the arrays."""
        classes = x.value.shape[-1]
        value = x.value.reshape(-1, classes)
        grad = None if x.grad is None else x.grad.reshape(-1, classes)
        counted, count = shares(x.value, targets, weight_table(classes, None))

        def hinge() -> float:
            count()
            mean: float = kernels.loss.hinge(value, counted, self.margin, self.squared, grad)
            return mean

        return hinge
