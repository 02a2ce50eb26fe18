"""Cross entropy of classes, one of which is right."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

import numpy as np

from dlrun.arrays import Array, Shape
from dlrun.errors import ShapeError
from dlrun.nn.kernels import Kernels, numpy_kernels
from dlrun.nn.layer import Tensor
from dlrun.nn.loss import Loss, loss


@loss("cross_entropy")
class CrossEntropy(Loss):
    """-log softmax(x)[target]; the network's last layer gives one number a class, no softmax."""

    task: ClassVar = "classification"

    def check(self, output: Shape, target: Shape, classes: int | None) -> None:
        """One output a class."""
        if classes is None:
            raise ShapeError("cross_entropy needs classes, but the target is a number; use mse")
        if output != (classes,):
            raise ShapeError(f"cross_entropy needs ({classes},), one output a class, got {output}")

    def bind(self, x: Tensor, targets: Array, kernels: Kernels) -> Callable[[], float]:
        """Close over the arrays."""
        value, grad = x.value, x.grad
        return lambda: kernels.loss.softmax_cross_entropy(value, targets, grad)

    def predictions(self, outputs: Array) -> Array:
        """Probabilities of the classes."""
        y = np.empty_like(outputs)
        numpy_kernels().loss.softmax(outputs, y)
        return y
