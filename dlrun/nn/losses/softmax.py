"""Losses whose predictions are the softmax of the outputs."""

from __future__ import annotations

import math

import numpy as np

from dlrun.arrays import Array
from dlrun.errors import ShapeError
from dlrun.nn.kernels import numpy_kernels
from dlrun.nn.losses.base import Loss
from dlrun.nn.target import Target


class SoftmaxLoss(Loss):
    """Base class of losses whose predictions are softmax(x)."""

    def check_bounds(self, low: float, high: float, target: Target) -> str | None:
        """If the outputs are close together, their softmax is nearly the same for all classes."""
        if math.isfinite(high - low):
            raise ShapeError(f"{self.kind} applies the softmax to the outputs itself")
        return f"{self.kind} applies the softmax to the outputs itself; they need no bounds"

    def predictions(self, outputs: Array) -> Array:
        """Class probabilities of each output, (n, ..., classes); they sum to 1."""
        y = np.empty_like(outputs)
        numpy_kernels().softmax.softmax(outputs, y)
        return y

    def log_odds(self, outputs: Array) -> Array:
        """x_c - log(sum of exp(x) over the other classes), (n, ..., classes) float64.

        Computed without subtracting probabilities near 1 from each other, which would lose digits.
        """
        classes = outputs.shape[-1]
        x = outputs.reshape(-1, classes).astype(np.float64)
        rows, first = np.arange(len(x)), x.argmax(axis=1)
        x -= x[rows, first][:, None]
        others = x.copy()
        others[rows, first] = -np.inf
        second = others.max(axis=1)
        e = np.exp(others)
        found = x - np.log1p(e.sum(axis=1, keepdims=True) - e)
        # Compared with the largest, all others may be too small for exp.
        rest = np.exp(others - second[:, None]).sum(axis=1)
        found[rows, first] = x[rows, first] - second - np.log(rest)
        shaped: Array = found.reshape(outputs.shape)
        return shaped
