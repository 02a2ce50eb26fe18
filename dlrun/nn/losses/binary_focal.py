"""Binary focal loss, for two classes or multi-label targets."""

from __future__ import annotations

from collections.abc import Callable

from dlrun.arrays import Array, Shape
from dlrun.nn.kernels import Kernels
from dlrun.nn.losses.base import loss
from dlrun.nn.losses.sigmoid import SigmoidLoss
from dlrun.nn.losses.yes_or_no import need_yes_or_no, yes_or_no
from dlrun.nn.target import Target
from dlrun.nn.tensor import Tensor
from dlrun.spec.fields import Fraction, NonNegative


@loss("binary_focal")
class BinaryFocal(SigmoidLoss):
    """Binary cross entropy that gives well-classified samples less weight.

    -alpha (1 - p)^gamma log p, p the predicted probability of the true answer: s(x) or 1 - s(x), s
    the sigmoid.  The last layer outputs x, without a sigmoid.  Lin, Goyal, Girshick, He & Dollar,
    "Focal loss for dense object detection", ICCV 2017.

    Shape: for two classes outputs (batch, 1) and targets (batch,), a high x meaning the second
    class; for multi-label outputs and targets (batch, labels).
    """

    gamma: NonNegative = 2.0
    """How strongly to reduce the loss of well-classified samples; 0 is cross entropy."""
    alpha: Fraction | None = None
    """Factor for the second class and for labels that are present; all others get 1 - alpha.  null:
    no factor.  The paper uses 0.25."""

    def check(self, output: Shape, target: Target) -> None:
        """Check for one output for two classes, or one per label."""
        need_yes_or_no(self.kind, output, target, classes="focal")

    def bind(self, x: Tensor, targets: Array, kernels: Kernels) -> Callable[[], float]:
        """Bind the loss to the arrays."""
        value, grad, given = x.value, x.grad, yes_or_no(x.value, targets)
        yes, no = (1.0, 1.0) if self.alpha is None else (self.alpha, 1.0 - self.alpha)
        gamma = self.gamma
        return lambda: kernels.loss.binary_focal(value, given, yes, no, gamma, grad)
