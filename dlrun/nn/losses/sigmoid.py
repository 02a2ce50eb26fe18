"""Losses of yes or no: outputs of which the sigmoid is what the network says."""

from __future__ import annotations

import numpy as np

from dlrun.arrays import Array
from dlrun.nn.kernels import numpy_kernels
from dlrun.nn.loss import Loss


class SigmoidLoss(Loss):
    """The root of losses whose predictions are s(x), s the sigmoid."""

    def predictions(self, outputs: Array) -> Array:
        """Of the second class, (n, ..., 1), or of each label, (n, labels)."""
        y = np.empty_like(outputs)
        numpy_kernels().activation.sigmoid(outputs, y)
        return y

    def log_odds(self, outputs: Array) -> Array:
        """x itself."""
        return outputs
