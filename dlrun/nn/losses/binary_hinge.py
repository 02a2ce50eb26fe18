"""Binary hinge loss, for two classes or multi-label targets."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from dlrun.arrays import Array, Shape
from dlrun.errors import ShapeError
from dlrun.nn.kernels import Kernels
from dlrun.nn.losses.base import loss
from dlrun.nn.losses.sigmoid import SigmoidLoss
from dlrun.nn.losses.yes_or_no import need_yes_or_no, yes_or_no
from dlrun.nn.target import Target
from dlrun.nn.tensor import Tensor
from dlrun.spec.fields import Positive32


@loss("binary_hinge")
class BinaryHinge(SigmoidLoss):
    """Binary hinge loss, for two classes or multi-label targets.

    max(0, margin - x) for the second class or a label that is present, max(0, margin + x) for all
    others. Cortes & Vapnik, "Support-vector networks", Machine Learning 20, 1995.  Predictions are
    the sigmoid of the outputs: 0.5 is the decision boundary, but they are scores, not
    probabilities.

    Shape: for two classes outputs (batch, 1) and targets (batch,), for multi-label both (batch,
    labels).
    """

    probabilistic: ClassVar = False

    margin: Positive32 = 1.0
    """Minimum distance of an output from 0, on the correct side, for a loss of 0."""
    squared: bool = False
    """Square the hinge, so that the gradient fades out near the margin."""

    def check(self, output: Shape, target: Target) -> None:
        """Check for one output for two classes, or one per label."""
        need_yes_or_no(self.kind, output, target, classes="hinge")

    def check_bounds(self, low: float, high: float, target: Target) -> str | None:
        """The outputs must be able to reach the margin on both sides of 0."""
        if low > -self.margin or high < self.margin:
            raise ShapeError(f"outputs must be able to reach {-self.margin:g} and {self.margin:g}")
        return None

    def bind(self, x: Tensor, targets: Array, kernels: Kernels) -> Callable[[], float]:
        """Bind the loss to the arrays."""
        value, grad, given = x.value, x.grad, yes_or_no(x.value, targets)
        margin, squared = self.margin, self.squared
        return lambda: kernels.loss.binary_hinge(value, given, margin, squared, grad)
