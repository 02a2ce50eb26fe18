"""Losses whose predictions are the sigmoid of the outputs."""

from __future__ import annotations

import math

import numpy as np

from dlrun.arrays import Array
from dlrun.errors import ShapeError
from dlrun.nn.kernels import numpy_kernels
from dlrun.nn.losses.base import Loss
from dlrun.nn.target import Target


class SigmoidLoss(Loss):
    """Base class of losses whose predictions are s(x), s the sigmoid."""

    def check_bounds(self, low: float, high: float, target: Target) -> str | None:
        """If the outputs are never negative, their sigmoid is never below 0.5."""
        if low >= 0 or math.isfinite(high - low):
            raise ShapeError(f"{self.kind} applies the sigmoid to the outputs itself")
        return f"{self.kind} applies the sigmoid to the outputs itself; they need no bounds"

    def predictions(self, outputs: Array) -> Array:
        """Probabilities of the second class, (n, ..., 1), or of each label, (n, labels)."""
        y = np.empty_like(outputs)
        numpy_kernels().activation.sigmoid(outputs, y)
        return y

    def log_odds(self, outputs: Array) -> Array:
        """x itself."""
        return outputs
