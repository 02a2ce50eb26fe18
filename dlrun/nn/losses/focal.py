"""The focal loss: cross entropy that gives well-classified samples less weight."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Self

from dlrun.arrays import Array, Shape
from dlrun.nn.kernels import Kernels
from dlrun.nn.losses.base import loss
from dlrun.nn.losses.class_weights import (
    ClassWeights,
    balanced,
    need_classes,
    need_weights,
    shares,
    weight_table,
)
from dlrun.nn.losses.softmax import SoftmaxLoss
from dlrun.nn.target import Target
from dlrun.nn.tensor import Tensor
from dlrun.spec.fields import NonNegative


@loss("focal")
class Focal(SoftmaxLoss):
    """Cross entropy that gives well-classified samples less weight.

    -alpha[target] (1 - p)^gamma log p, p = softmax(x)[target].  The last layer outputs x, without a
    softmax.  Lin, Goyal, Girshick, He & Dollar, "Focal loss for dense object detection", ICCV 2017,
    extended to several classes.

    Shape: outputs (batch, ..., classes) for targets (batch, ...).
    """

    takes_shares: ClassVar = True
    balances: ClassVar = "alpha"

    gamma: NonNegative = 2.0
    """How strongly to reduce the loss of well-classified samples; 0 is cross entropy."""
    alpha: ClassWeights | None = None
    """Factors on the loss, one per class in the order of the classes.  ``balanced`` gives every
    class the same total weight: samples / (classes * samples of the class)."""

    def check(self, output: Shape, target: Target) -> None:
        """Check for one output per class."""
        classes = need_classes(self.kind, output, target, labels="binary_focal")
        need_weights(self.kind, "alpha", self.alpha, classes)

    def fit(self, target: Target) -> Self:
        """With values instead of ``balanced``."""
        if not self.needs_fit:
            return self
        return self.model_copy(update={"alpha": balanced(target)})

    def bind(self, x: Tensor, targets: Array, kernels: Kernels) -> Callable[[], float]:
        """Bind the loss to the arrays."""
        classes = x.value.shape[-1]
        value = x.value.reshape(-1, classes)
        grad = None if x.grad is None else x.grad.reshape(-1, classes)
        counted, count = shares(x.value, targets, weight_table(classes, self.alpha))

        def focal() -> float:
            count()
            mean: float = kernels.loss.focal(value, counted, self.gamma, grad)
            return mean

        return focal
