"""Losses for regression: each output is compared with one target value."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Protocol, Self

import numpy as np
from pydantic import PrivateAttr

from dlrun.arrays import Array, Shape
from dlrun.errors import ShapeError
from dlrun.nn.kernels import Kernels
from dlrun.nn.losses.base import Loss
from dlrun.nn.target import Target
from dlrun.nn.tensor import Tensor

_SLACK = 1e-3
"""How far a target may lie outside the bounds because of rounding or noise, as a fraction of their
distance."""


class Scaling(Protocol):
    """Maps targets to what the network learns, and back."""

    def scaled(self, targets: Array) -> Array:
        """(n, ...) targets as the network learns them, float64."""

    def restored(self, outputs: Array) -> Array:
        """(n, ...) outputs of the network in the units of the targets, in the same dtype."""


class NumberLoss(Loss):
    """Base class of regression losses; a mean over batch and outputs, of any shape."""

    _scaling: Scaling | None = PrivateAttr(default=None)

    def learning(self, scaling: Scaling) -> Self:
        """The same loss of outputs and scaled targets; predictions are in the original units."""
        found = self.model_copy()
        found._scaling = scaling
        return found

    def check(self, output: Shape, target: Target) -> None:
        """Check for one output per target value."""
        if target.task == "classification":
            raise ShapeError(
                f"{self.kind} needs real-valued targets, but they are classes; use cross_entropy, "
                "or set data.source.task to regression if they are quantities"
            )
        if target.task == "multi_label":
            raise ShapeError(
                f"{self.kind} needs real-valued targets, but they are multi-label; "
                "use binary_cross_entropy"
            )
        if output != target.shape:
            raise ShapeError(
                f"{self.kind} needs {target.shape}, one output per target value, got {output}"
            )

    def check_bounds(self, low: float, high: float, target: Target) -> str | None:
        """The targets must lie within the bounds of the outputs."""
        stretches = target.stretches()
        learned = stretches if self._scaling is None else map(self._scaling.scaled, stretches)
        ends = [(float(values.min()), float(values.max())) for values in learned]
        if not ends:  # all steps are padding
            return None
        least, most = min(end[0] for end in ends), max(end[1] for end in ends)
        slack = _SLACK * (high - low if math.isfinite(high - low) else most - least)
        if low - slack <= least and most <= high + slack:
            return None
        what = f"targets of the training set lie between {least:g} and {most:g}"
        if math.isfinite(high - low):
            raise ShapeError(what)
        return what

    def error(self, kernels: Kernels) -> Callable[[Array, Array, Array | None], float]:
        """The kernel that returns the loss of outputs and targets, and writes the gradient."""
        raise NotImplementedError

    def bind(self, x: Tensor, targets: Array, kernels: Kernels) -> Callable[[], float]:
        """Bind the loss to the arrays."""
        value, grad, error, scaling = x.value, x.grad, self.error(kernels), self._scaling
        if scaling is None:
            return lambda: error(value, targets, grad)
        learned = np.empty(targets.shape, value.dtype)

        def of_scaled() -> float:
            np.copyto(learned, scaling.scaled(targets), casting="same_kind")
            return error(value, learned, grad)

        return of_scaled

    def predictions(self, outputs: Array) -> Array:
        """The outputs, in the units of the targets."""
        return outputs if self._scaling is None else self._scaling.restored(outputs)
