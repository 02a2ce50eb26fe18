"""Binary cross entropy, for two classes or multi-label targets."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Literal, Self

import numpy as np

from dlrun.arrays import Array, Shape
from dlrun.nn.kernels import Kernels
from dlrun.nn.losses.base import loss
from dlrun.nn.losses.sigmoid import SigmoidLoss
from dlrun.nn.losses.yes_or_no import (
    PerLabel,
    need_per_label,
    need_yes_or_no,
    positives,
    yes_or_no,
)
from dlrun.nn.target import Target
from dlrun.nn.tensor import Tensor


@loss("binary_cross_entropy")
class BinaryCrossEntropy(SigmoidLoss):
    """Cross entropy of each output's sigmoid, for two classes or multi-label targets.

    -t log s(x) - (1 - t) log(1 - s(x)), s the sigmoid.  The last layer outputs x, without a
    sigmoid.

    Shape: for two classes outputs (batch, 1) and targets (batch,), a high x meaning the second
    class; for multi-label outputs and targets (batch, labels).
    """

    balances: ClassVar = "positive_weight"

    positive_weight: PerLabel | Literal["balanced"] | None = None
    """Factor on the loss of the second class, or of labels that are present: one value, or one per
    label.  ``balanced``: negative samples / positive samples, for each label separately."""

    def check(self, output: Shape, target: Target) -> None:
        """Check for one output for two classes, or one per label."""
        need_yes_or_no(self.kind, output, target)
        if self.positive_weight != "balanced":
            need_per_label(self.kind, "positive_weight", self.positive_weight, output[-1])

    def fit(self, target: Target) -> Self:
        """With values instead of ``balanced``."""
        if not self.needs_fit:
            return self
        share = positives(target)
        # If all or none are positive, there is nothing to balance.
        ratio = [(1 - each) / each if 0 < each < 1 else 1.0 for each in share]
        return self.model_copy(update={"positive_weight": tuple(ratio)})

    def bind(self, x: Tensor, targets: Array, kernels: Kernels) -> Callable[[], float]:
        """Bind the loss to the arrays."""
        assert self.positive_weight != "balanced"
        value, grad, given = x.value, x.grad, yes_or_no(x.value, targets)
        if self.positive_weight is None:
            return lambda: kernels.loss.sigmoid_cross_entropy(value, given, grad)
        weight = np.asarray(self.positive_weight, value.dtype)
        return lambda: kernels.loss.weighted_sigmoid_cross_entropy(value, given, weight, grad)
