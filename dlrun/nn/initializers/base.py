"""The base of initializers: how a parameter gets its initial values."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

import numpy as np

from dlrun.arrays import Array, Shape
from dlrun.spec.component import Component
from dlrun.spec.fields import Positive32
from dlrun.spec.registry import Registry


class Initializer(Component):
    """Base class of all initializers."""

    family: ClassVar = Registry["Initializer"]("initializer")

    of_matrix: ClassVar[bool] = False
    """Whether values depend on one another, so that each matrix of a parameter is drawn
    separately."""

    def sample(
        self, random: np.random.Generator, shape: Shape, fan_in: float, fan_out: float
    ) -> Array:
        """Initial values of a parameter, or of one of its matrices, as float64.

        Args:
            random: the random generator.
            shape: its shape; the last axis is the outputs.
            fan_in: inputs per output.
            fan_out: outputs per input.
        """
        raise NotImplementedError

    def fill(
        self, random: np.random.Generator, shape: Shape, fan_in: float, fan_out: float, blocks: int
    ) -> Array:
        """Initial values of a parameter of ``blocks`` matrices side by side, as float64."""
        if not self.of_matrix:
            return self.sample(random, shape, fan_in, fan_out)
        own = (*shape[:-1], shape[-1] // blocks)
        matrices = [self.sample(random, own, fan_in, fan_out) for _ in range(blocks)]
        return np.concatenate(matrices, axis=-1)

    def before(self, gain: float) -> Self:
        """The initializer adapted to the activation after the layer.

        Args:
            gain: that the activation needs; see ``Layer.needed_gain``.
        """
        return self

    def rescale(self, outputs: Array) -> float | None:
        """A factor by which to change the weights, from the layer's outputs on data.

        Args:
            outputs: (samples, ...), the layer's outputs for samples of the training set.

        Returns:
            None if the weights are right; after any other result it is called again.
        """
        return None

    def samples_wanted(self) -> int:
        """Number of samples that ``rescale`` needs; 0 if initial values do not depend on data."""
        return 0


initializer = Initializer.family


class Gained(Initializer):
    """Base class of initializers whose width can depend on the activation after the layer."""

    gain: Positive32 | Literal["auto"] = 1.0
    """Factor on the standard deviation; ``auto`` compensates for the activation after the layer:
    1.41 for relu, 1.59 for tanh, 1 for none."""

    def before(self, gain: float) -> Self:
        """With a value instead of ``auto``."""
        return self.model_copy(update={"gain": gain}) if self.gain == "auto" else self

    def factor(self) -> float:
        """The gain; 1, as without an activation, while it is ``auto``."""
        return 1.0 if self.gain == "auto" else self.gain
