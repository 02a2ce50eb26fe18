"""The focal loss of yes or no, for each output."""

from __future__ import annotations

from collections.abc import Callable

from dlrun.arrays import Array, Shape
from dlrun.nn.kernels import Kernels
from dlrun.nn.layer import Tensor
from dlrun.nn.loss import loss
from dlrun.nn.losses.sigmoid import SigmoidLoss
from dlrun.nn.losses.yes_or_no import need_yes_or_no, yes_or_no
from dlrun.nn.target import Target
from dlrun.spec.fields import Fraction, NonNegative


@loss("binary_focal")
class BinaryFocal(SigmoidLoss):
    """-alpha (1 - p)^gamma log p, p the probability of what is right: s(x) or 1 - s(x).

    s is the sigmoid; the last layer has none.  Lin, Goyal, Girshick, He & Dollar, "Focal loss for
    dense object detection", ICCV 2017.

    Shape: for two classes outputs (batch, 1) and targets (batch,), x speaking for the second class;
    for labels outputs and targets (batch, labels).
    """

    gamma: NonNegative = 2.0
    """How strongly what is right with confidence is passed over; 0 is cross entropy."""
    alpha: Fraction | None = None
    """Factor for the second class and for labels that are there, 1 - alpha for the rest; null
    weighs both with 1.  The paper takes 0.25."""

    def check(self, output: Shape, target: Target) -> None:
        """One output for two classes, or one a label."""
        need_yes_or_no(self.kind, output, target, classes="focal")

    def bind(self, x: Tensor, targets: Array, kernels: Kernels) -> Callable[[], float]:
        """Close over the arrays."""
        value, grad, given = x.value, x.grad, yes_or_no(x.value, targets)
        yes, no = (1.0, 1.0) if self.alpha is None else (self.alpha, 1.0 - self.alpha)
        gamma = self.gamma
        return lambda: kernels.loss.binary_focal(value, given, yes, no, gamma, grad)
