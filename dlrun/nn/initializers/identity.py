"""Layers that initially copy their input."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from dlrun.arrays import Array, Shape
from dlrun.nn.initializers.base import Initializer, initializer
from dlrun.spec.fields import Positive32


@initializer("identity")
class Identity(Initializer):
    """The layer initially copies its input, times the gain.

    Output i is input i; for a convolution channel i, at the centre of the filter. The kernels of
    lstm, gru and attention consist of several matrices; each is an identity, and so is each group
    of a convolution.  If a layer has more outputs than inputs, the additional outputs are 0; if it
    has fewer, the additional inputs are ignored. Le, Jaitly & Hinton, 2015, for recurrent layers;
    Zagoruyko & Komodakis, "DiracNets", 2017, for convolutions.
    """

    of_matrix: ClassVar = True

    gain: Positive32 = 1.0
    """Factor on the copied input."""

    def sample(
        self, random: np.random.Generator, shape: Shape, fan_in: float, fan_out: float
    ) -> Array:
        """Ones on a diagonal, times the gain."""
        if len(shape) < 2:
            return np.full(shape, self.gain)
        values = np.zeros(shape)
        # For a filter of even length the centre is where padding "same" places the input.
        middle = tuple((length - 1) // 2 for length in shape[:-2])
        values[middle] = self.gain * np.eye(shape[-2], shape[-1])
        return values
