"""Losses of numbers: what the network says against what it should, one by one."""

from __future__ import annotations

import math
from collections.abc import Callable

from dlrun.arrays import Array, Shape
from dlrun.errors import ShapeError
from dlrun.nn.kernels import Kernels
from dlrun.nn.layer import Tensor
from dlrun.nn.loss import Loss
from dlrun.nn.target import Target

_SLACK = 1e-3
"""How far beyond the bounds a target may lie, as rounding and noise have it, in their distance."""


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

    def check_bounds(self, low: float, high: float, target: Target) -> str | None:
        """The targets must lie where outputs can."""
        ends = [(float(values.min()), float(values.max())) for values in target.stretches()]
        least, most = min(end[0] for end in ends), max(end[1] for end in ends)
        slack = _SLACK * (high - low if math.isfinite(high - low) else most - least)
        if low - slack <= least and most <= high + slack:
            return None
        what = f"targets of the training set lie between {least:g} and {most:g}"
        if math.isfinite(high - low):
            raise ShapeError(what)
        return what

    def error(self, kernels: Kernels) -> Callable[[Array, Array, Array | None], float]:
        """The kernel: from outputs and targets to the loss, and the gradient written."""
        raise NotImplementedError

    def bind(self, x: Tensor, targets: Array, kernels: Kernels) -> Callable[[], float]:
        """Close over the arrays."""
        value, grad, error = x.value, x.grad, self.error(kernels)
        return lambda: error(value, targets, grad)
