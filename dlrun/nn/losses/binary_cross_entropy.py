"""Cross entropy of two classes, from one output."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

import numpy as np

from dlrun.arrays import Array, Shape
from dlrun.errors import ShapeError
from dlrun.nn.kernels import Kernels, numpy_kernels
from dlrun.nn.layer import Tensor
from dlrun.nn.loss import Loss, loss


@loss("binary_cross_entropy")
class BinaryCrossEntropy(Loss):
    """-t log s(x) - (1 - t) log(1 - s(x)), s the sigmoid; the last layer gives x, no sigmoid."""

    task: ClassVar = "classification"

    def check(self, output: Shape, target: Shape, classes: int | None) -> None:
        """One output for two classes."""
        if classes is None:
            raise ShapeError(
                "binary_cross_entropy needs classes, but the target is a number; use mse"
            )
        if classes != 2:
            raise ShapeError(
                f"binary_cross_entropy needs 2 classes, the data has {classes}; use cross_entropy"
            )
        if output != (1,):
            raise ShapeError(f"binary_cross_entropy needs (1,), got {output}")

    def bind(self, x: Tensor, targets: Array, kernels: Kernels) -> Callable[[], float]:
        """Close over the arrays."""
        value, grad, column = x.value, x.grad, targets[:, None]
        return lambda: kernels.loss.sigmoid_cross_entropy(value, column, grad)

    def predictions(self, outputs: Array) -> Array:
        """Probability of the second class, (n, 1)."""
        y = np.empty_like(outputs)
        numpy_kernels().activation.sigmoid(outputs, y)
        return y
