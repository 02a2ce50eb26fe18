"""Mean squared error."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from dlrun.arrays import Array, Shape
from dlrun.errors import ShapeError
from dlrun.nn.kernels import Kernels
from dlrun.nn.layer import Tensor
from dlrun.nn.loss import Loss, loss


@loss("mse")
class MeanSquaredError(Loss):
    """Mean of (x - target)^2 over batch and outputs."""

    task: ClassVar = "regression"

    def check(self, output: Shape, target: Shape, classes: int | None) -> None:
        """One output a target."""
        if classes is not None:
            raise ShapeError("mse needs numbers as target, the data has classes; use cross_entropy")
        if output != target:
            raise ShapeError(f"mse needs {target}, one output a target, got {output}")

    def bind(self, x: Tensor, targets: Array, kernels: Kernels) -> Callable[[], float]:
        """Close over the arrays."""
        value, grad = x.value, x.grad
        return lambda: kernels.loss.squared_error(value, targets, grad)
