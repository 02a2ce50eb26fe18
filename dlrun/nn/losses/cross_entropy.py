"""Cross entropy of classes, one of which is right."""

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
from dlrun.spec.fields import Fraction


@loss("cross_entropy")
class CrossEntropy(SoftmaxLoss):
    """-log softmax(x)[target]; the network's last layer gives one number a class, no softmax.

    Shape: outputs (batch, classes) for targets (batch,); also a class at each time step or pixel,
    (batch, ..., classes) for (batch, ...).
    """

    takes_shares: ClassVar = True

    label_smoothing: Fraction = 0.0
    """Share of the target that is spread over all classes (Szegedy et al., CVPR 2016)."""
    weights: Weights | None = None
    """Factors on the loss, one a class in the order of the classes; ``balanced`` gives every class
    the same weight in sum: samples / (classes * samples of the class)."""

    def check(self, output: Shape, target: Target) -> None:
        """One output a class."""
        classes = need_classes(self.kind, output, target)
        need_weights(self.kind, "weights", self.weights, classes)

    def fit(self, target: Target) -> Self:
        """With numbers for ``balanced``."""
        if self.weights != "balanced":
            return self
        return self.model_copy(update={"weights": balanced(target)})

    def bind(self, x: Tensor, targets: Array, kernels: Kernels) -> Callable[[], float]:
        """Close over the arrays."""
        classes = x.value.shape[-1]
        value = x.value.reshape(-1, classes)
        grad = None if x.grad is None else x.grad.reshape(-1, classes)
        plain = self.weights is None and self.label_smoothing == 0
        if plain and targets.ndim < x.value.ndim:
            codes = targets.reshape(-1)
            return lambda: kernels.loss.softmax_cross_entropy(value, codes, grad)
        if plain:
            given = targets.reshape(value.shape)
            return lambda: kernels.loss.soft_cross_entropy(value, given, grad)
        table = weight_table(classes, self.weights, self.label_smoothing)
        counted, count = shares(x.value, targets, table)

        def weighted() -> float:
            count()
            mean: float = kernels.loss.soft_cross_entropy(value, counted, grad)
            return mean

        return weighted
