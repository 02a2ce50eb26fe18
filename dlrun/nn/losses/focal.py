"""The focal loss: cross entropy that passes over what is already right."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Self

from dlrun.arrays import Array, Shape
from dlrun.nn.kernels import Kernels
from dlrun.nn.layer import Tensor
from dlrun.nn.loss import loss
from dlrun.nn.losses.class_weights import (
    Weights,
    balanced,
    need_classes,
    need_weights,
    shares,
    weight_table,
)
from dlrun.nn.losses.softmax import SoftmaxLoss
from dlrun.nn.target import Target
from dlrun.spec.fields import NonNegative


@loss("focal")
class Focal(SoftmaxLoss):
    """-alpha[target] (1 - p)^gamma log p, p = softmax(x)[target]; no softmax in the last layer.

    Lin, Goyal, Girshick, He & Dollar, "Focal loss for dense object detection", ICCV 2017, for
    several classes.

    Shape: outputs (batch, ..., classes) for targets (batch, ...).
    """

    takes_shares: ClassVar = True

    gamma: NonNegative = 2.0
    """How strongly samples that are right with confidence are passed over; 0 is cross entropy."""
    alpha: Weights | None = None
    """Factors, one a class in the order of the classes; ``balanced`` gives every class the same
    weight in sum: samples / (classes * samples of the class)."""

    def check(self, output: Shape, target: Target) -> None:
        """One output a class."""
        classes = need_classes(self.kind, output, target, labels="binary_focal")
        need_weights(self.kind, "alpha", self.alpha, classes)

    def fit(self, target: Target) -> Self:
        """With numbers for ``balanced``."""
        if self.alpha != "balanced":
            return self
        return self.model_copy(update={"alpha": balanced(target)})

    def bind(self, x: Tensor, targets: Array, kernels: Kernels) -> Callable[[], float]:
        """Close over the arrays."""
        classes = x.value.shape[-1]
        value = x.value.reshape(-1, classes)
        grad = None if x.grad is None else x.grad.reshape(-1, classes)
        counted, count = shares(x.value, targets, weight_table(classes, self.alpha))

        def focal() -> float:
            count()
            mean: float = kernels.loss.focal(value, counted, self.gamma, grad)
            return mean

        return focal
