"""Cross entropy for classification."""

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
from dlrun.spec.fields import Fraction


@loss("cross_entropy")
class CrossEntropy(SoftmaxLoss):
    """Cross entropy of the softmax: the usual loss for classification.

    -log softmax(x)[target]; for a soft target, such as one of ``label_smoothing`` or ``mixup``, the
    sum over the classes of t[class] * -log softmax(x)[class].  With ``weights``, each term is
    multiplied by the weight of its class.  The loss is the mean over the samples, not divided by
    the sum of the weights.  The last layer outputs one value per class, without a softmax.

    Shape: outputs (batch, classes) for targets (batch,); or one class per time step or pixel,
    (batch, ..., classes) for (batch, ...).
    """

    takes_shares: ClassVar = True
    balances: ClassVar = "weights"

    label_smoothing: Fraction = 0.0
    """Fraction of the target that is spread evenly over all classes (Szegedy et al., CVPR 2016)."""
    weights: ClassWeights | None = None
    """Factors on the terms of the loss, one per class in the order of the classes.  With
    ``label_smoothing``, the term of every class in the smoothed target has the weight of that
    class, not that of the sample's class.  ``balanced`` gives every class the same total weight
    (without smoothing): samples / (classes * samples of the class)."""

    def check(self, output: Shape, target: Target) -> None:
        """Check for one output per class."""
        classes = need_classes(self.kind, output, target)
        need_weights(self.kind, "weights", self.weights, classes)

    def fit(self, target: Target) -> Self:
        """With values instead of ``balanced``."""
        if not self.needs_fit:
            return self
        return self.model_copy(update={"weights": balanced(target)})

    def bind(self, x: Tensor, targets: Array, kernels: Kernels) -> Callable[[], float]:
        """Bind the loss to the arrays."""
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
