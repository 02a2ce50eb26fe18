"""Losses of numbers: what the network says against what it should, one by one."""

from __future__ import annotations

from collections.abc import Callable

from dlrun.arrays import Array, Shape
from dlrun.errors import ShapeError
from dlrun.nn.kernels import Kernels
from dlrun.nn.layer import Tensor
from dlrun.nn.loss import Loss
from dlrun.nn.target import Target


class NumberLoss(Loss):
    """The root of the losses for numbers; a mean over batch and outputs, of any shape."""

    def check(self, output: Shape, target: Target) -> None:
        """One output a target."""
        if target.task == "classification":
            raise ShapeError(
                f"{self.kind} needs numbers as target, the data has classes; use cross_entropy"
            )
        if target.task == "multi_label":
            raise ShapeError(
                f"{self.kind} needs numbers as target, the data has labels; "
                "use binary_cross_entropy"
            )
        if output != target.shape:
            raise ShapeError(f"{self.kind} needs {target.shape}, one output a target, got {output}")

    def error(self, kernels: Kernels) -> Callable[[Array, Array, Array | None], float]:
        """The kernel: from outputs and targets to the loss, and the gradient written."""
        raise NotImplementedError

    def bind(self, x: Tensor, targets: Array, kernels: Kernels) -> Callable[[], float]:
        """Close over the arrays."""
        value, grad, error = x.value, x.grad, self.error(kernels)
        return lambda: error(value, targets, grad)
