"""Cross entropy of yes or no, for each output."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, Self

import numpy as np

from dlrun.arrays import Array, Shape
from dlrun.nn.kernels import Kernels
from dlrun.nn.layer import Tensor
from dlrun.nn.loss import loss
from dlrun.nn.losses.sigmoid import SigmoidLoss
from dlrun.nn.losses.yes_or_no import (
    PerLabel,
    need_per_label,
    need_yes_or_no,
    positives,
    yes_or_no,
)
from dlrun.nn.target import Target


@loss("binary_cross_entropy")
class BinaryCrossEntropy(SigmoidLoss):
    """-t log s(x) - (1 - t) log(1 - s(x)), s the sigmoid; the last layer gives x, no sigmoid.

    Shape: for two classes outputs (batch, 1) and targets (batch,), x speaking for the second class;
    for labels outputs and targets (batch, labels).
    """

    positive_weight: PerLabel | Literal["balanced"] | None = None
    """Factor on the loss of the second class, or of labels that are there: one number, or one a
    label; ``balanced`` is the ratio of the others to those, each label's own."""

    def check(self, output: Shape, target: Target) -> None:
        """One output for two classes, or one a label."""
        need_yes_or_no(self.kind, output, target)
        if self.positive_weight != "balanced":
            need_per_label(self.kind, "positive_weight", self.positive_weight, output[-1])

    def fit(self, target: Target) -> Self:
        """With numbers for ``balanced``."""
        if self.positive_weight != "balanced":
            return self
        share = positives(target)
        # Where all or none are positive there is nothing to balance.
        ratio = [(1 - each) / each if 0 < each < 1 else 1.0 for each in share]
        return self.model_copy(update={"positive_weight": tuple(ratio)})

    def bind(self, x: Tensor, targets: Array, kernels: Kernels) -> Callable[[], float]:
        """Close over the arrays."""
        assert self.positive_weight != "balanced"
        value, grad, given = x.value, x.grad, yes_or_no(x.value, targets)
        if self.positive_weight is None:
            return lambda: kernels.loss.sigmoid_cross_entropy(value, given, grad)
        weight = np.asarray(self.positive_weight, value.dtype)
        return lambda: kernels.loss.weighted_sigmoid_cross_entropy(value, given, weight, grad)
