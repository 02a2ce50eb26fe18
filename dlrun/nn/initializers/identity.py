"""Layers that pass on what they get."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from dlrun.arrays import Array, Shape
from dlrun.nn.initializer import Initializer, initializer
from dlrun.spec.fields import Positive


@initializer("identity")
class Identity(Initializer):
    """Output i is input i times the gain; of a convolution channel i, at the filter's middle.

    The kernels of lstm, gru and attention hold several matrices; each passes on what it gets, as
    does each group of a convolution.  What has no partner, where a layer has more outputs than
    inputs or fewer, is 0 or not passed on.
    Le, Jaitly & Hinton, 2015, for recurrent layers; Zagoruyko & Komodakis, "DiracNets", 2017, for
    convolutions.
    """

    of_matrix: ClassVar = True

    gain: Positive = 1.0
    """The factor."""

    def sample(
        self, random: np.random.Generator, shape: Shape, fan_in: float, fan_out: float
    ) -> Array:
        """Ones on a diagonal, times the gain."""
        if len(shape) < 2:
            return np.full(shape, self.gain)
        values = np.zeros(shape)
        # Of a filter of even length the middle is where padding "same" puts the input.
        middle = tuple((length - 1) // 2 for length in shape[:-2])
        values[middle] = self.gain * np.eye(shape[-2], shape[-1])
        return values
