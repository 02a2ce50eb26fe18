"""Losses of yes or no: outputs of which the sigmoid is what the network says."""

from __future__ import annotations

import math

import numpy as np

from dlrun.arrays import Array
from dlrun.errors import ShapeError
from dlrun.nn.kernels import numpy_kernels
from dlrun.nn.loss import Loss
from dlrun.nn.target import Target


class SigmoidLoss(Loss):
    """The root of losses whose predictions are s(x), s the sigmoid."""

    def check_bounds(self, low: float, high: float, target: Target) -> str | None:
        """Of numbers that are never negative the sigmoid is never below one half."""
        if low >= 0 or math.isfinite(high - low):
            raise ShapeError(f"{self.kind} itself takes the sigmoid of the outputs")
        return f"{self.kind} itself takes the sigmoid of the outputs, which need no bounds"

    def predictions(self, outputs: Array) -> Array:
        """Of the second class, (n, ..., 1), or of each label, (n, labels)."""
        y = np.empty_like(outputs)
        numpy_kernels().activation.sigmoid(outputs, y)
        return y

    def log_odds(self, outputs: Array) -> Array:
        """x itself."""
        return outputs
