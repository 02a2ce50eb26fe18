"""The hinge of yes or no, for each output."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from dlrun.arrays import Array, Shape
from dlrun.errors import ShapeError
from dlrun.nn.kernels import Kernels
from dlrun.nn.layer import Tensor
from dlrun.nn.loss import loss
from dlrun.nn.losses.sigmoid import SigmoidLoss
from dlrun.nn.losses.yes_or_no import need_yes_or_no, yes_or_no
from dlrun.nn.target import Target
from dlrun.spec.fields import Positive


@loss("binary_hinge")
class BinaryHinge(SigmoidLoss):
    """max(0, margin - x) for the second class or a label that is there, max(0, margin + x) else.

    Cortes & Vapnik, "Support-vector networks", Machine Learning 20, 1995.  Predictions are the
    sigmoid of the outputs: one half is the boundary, but they are no probabilities.

    Shape: for two classes outputs (batch, 1) and targets (batch,), for labels both
    (batch, labels).
    """

    probabilistic: ClassVar = False

    margin: Positive = 1.0
    """How far on its side of 0 an output has to be."""
    squared: bool = False
    """Square what is missing, for a gradient that fades out."""

    def check(self, output: Shape, target: Target) -> None:
        """One output for two classes, or one a label."""
        need_yes_or_no(self.kind, output, target, classes="hinge")

    def check_bounds(self, low: float, high: float, target: Target) -> str | None:
        """Outputs must be able to reach the margin on both sides of 0."""
        if low > -self.margin or high < self.margin:
            raise ShapeError(f"outputs are to reach {-self.margin:g} and {self.margin:g}")
        return None

    def bind(self, x: Tensor, targets: Array, kernels: Kernels) -> Callable[[], float]:
        """Close over the arrays."""
        value, grad, given = x.value, x.grad, yes_or_no(x.value, targets)
        margin, squared = self.margin, self.squared
        return lambda: kernels.loss.binary_hinge(value, given, margin, squared, grad)
