"""What an initializer is: the rule by which a parameter gets its first values."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

import numpy as np

from dlrun.arrays import Array, Shape
from dlrun.spec.component import Component
from dlrun.spec.fields import Positive
from dlrun.spec.registry import Registry


class Initializer(Component):
    """The root of all initializers."""

    family: ClassVar = Registry["Initializer"]("initializer")

    of_matrix: ClassVar[bool] = False
    """Whether values depend on one another, so that each matrix in a parameter is one by itself."""

    def sample(
        self, random: np.random.Generator, shape: Shape, fan_in: float, fan_out: float
    ) -> Array:
        """First values of a parameter, or of a matrix of it, as float64.

        Args:
            random: where random numbers come from.
            shape: its shape; the last axis counts the outputs.
            fan_in: inputs that reach one output.
            fan_out: outputs that one input reaches.
        """
        raise NotImplementedError

    def fill(
        self, random: np.random.Generator, shape: Shape, fan_in: float, fan_out: float, blocks: int
    ) -> Array:
        """First values of a parameter of ``blocks`` matrices side by side, as float64."""
        if not self.of_matrix:
            return self.sample(random, shape, fan_in, fan_out)
        own = (*shape[:-1], shape[-1] // blocks)
        matrices = [self.sample(random, own, fan_in, fan_out) for _ in range(blocks)]
        return np.concatenate(matrices, axis=-1)

    def before(self, gain: float) -> Self:
        """The initializer for weights behind which the signal needs such a gain.

        Args:
            gain: of the activation that follows; see ``Layer.needed_gain``.
        """
        return self

    def rescale(self, outputs: Array) -> float | None:
        """By which factor the weights are to change, once it is known what they do to data.

        Args:
            outputs: (samples, ...), what the layer makes of samples of the training part.

        Returns:
            None where they are right; it is asked again after any other answer.
        """
        return None

    def samples_wanted(self) -> int:
        """How many samples ``rescale`` has to see; 0 where first values need no data."""
        return 0


initializer = Initializer.family


class Gained(Initializer):
    """The root of initializers whose width can follow the activation behind the layer."""

    gain: Positive | Literal["auto"] = 1.0
    """A factor on the standard deviation; ``auto`` makes up for what the activation that follows
    the layer takes from the signal: 1.41 for relu, 1.59 for tanh, 1 for none."""

    def before(self, gain: float) -> Self:
        """With a number for ``auto``."""
        return self.model_copy(update={"gain": gain}) if self.gain == "auto" else self

    def factor(self) -> float:
        """The gain; that of no activation where it is still open."""
        return 1.0 if self.gain == "auto" else self.gain
