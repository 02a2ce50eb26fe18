"""The base of augmentations: random changes of training samples that preserve their meaning."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal, Self

from dlrun.arrays import Array, Shape
from dlrun.augment.draws import Draws
from dlrun.augment.following import Following
from dlrun.augment.kernels import Kernels
from dlrun.augment.ranges import Probability
from dlrun.errors import ShapeError
from dlrun.spec.component import Component
from dlrun.spec.registry import Registry

Task = Literal["classification", "multi_label", "regression"]


def _none(path: str, rate: int) -> Sequence[Array]:
    raise ShapeError(f"nothing here reads the recordings of {path}")


@dataclass(frozen=True, slots=True)
class Setting:
    """The properties of an experiment that augmentations can use.

    Attributes:
        rate: sample rate of waveforms in Hz; None for other samples.
        recordings: a function of a folder, as named in a spec, and a sample rate; returns the
            recordings in it, each (length,) float32; raises DataError if they cannot be read.
        task: of the data.
        following: how targets of each pixel or step are moved with the samples; None if a target
            belongs to the sample as a whole.
        low, high: range of the values of images, which are scaled from there to 0 and 1 before they
            are changed, and back afterwards.
    """

    rate: int | None = None
    recordings: Callable[[str, int], Sequence[Array]] = _none
    task: Task = "classification"
    following: Following | None = None
    low: float = 0.0
    high: float = 1.0


Change = Callable[[Array, Draws, Kernels], Array]
"""Changes some samples, like ``Augmentation.apply``."""


class Augmentation(Component):
    """Base class of all augmentations.

    A member changes whole batches.  The result for a sample may depend only on the sample and its
    draws, never on the rest of the batch, so that results do not depend on how samples are batched.
    """

    family: ClassVar = Registry["Augmentation"]("augmentation")

    behind_preprocess: ClassVar[bool] = False
    """Whether it changes preprocessed samples, the network's input, instead of those of the
    source."""

    moves: ClassVar[bool] = False
    """Whether it moves values within a sample: targets of each pixel or step must be moved, too."""

    probability: Probability = 1.0
    """Fraction of samples that are changed."""

    @property
    def fills(self) -> bool:
        """Whether some positions are filled instead of moved; their class is then the first."""
        return False

    def work(self, sample: Shape) -> int:
        """Multiply-adds per sample of loops that should be compiled; 0 by default.

        They count like those of the network in the choice of kernels.

        Args:
            sample: shape of a sample of the source.
        """
        return 0

    def check(self, sample: Shape, task: Task) -> None:
        """Check that it can change such samples, and that everything it needs is available.

        Args:
            sample: shape of a sample of the source, or after ``data.preprocess``; () is a text.
            task: of the data.

        Raises:
            InputError: it cannot; the message names what it needs.
        """

    def anchored(self, folder: Path) -> Self:
        """The same, independent of where the spec is: relative paths start at ``folder``."""
        return self

    def apply(self, samples: Array, draws: Draws, kernels: Kernels) -> Array:
        """Change some samples.

        Args:
            samples: (n, *sample shape) float32, or (n,) texts; may be overwritten.
            draws: random numbers for each of them.
            kernels: fast loops.

        Returns:
            An array of the same shape and dtype: a new one, or ``samples``.
        """
        raise NotImplementedError

    def bind(self, setting: Setting) -> Change:
        """The function that changes an experiment's samples; ``apply`` by default.

        Raises:
            ShapeError: the experiment lacks something that it needs.
            DataError: a file that it needs cannot be read.
        """
        return self.apply

    def follow(self, setting: Setting, following: Following) -> Change:
        """The function that moves targets of each pixel or step; called if ``moves`` is True.

        Args:
            setting: the experiment's.
            following: how targets are moved.

        Returns:
            A function of (n, *places, k) targets, which may be overwritten, and of the draws that
                ``apply`` gets: it must draw the same random numbers in the same order.
        """
        raise NotImplementedError


class Mixing(Augmentation):
    """Base class of augmentations that mix a sample, and its target, with another one."""

    def check(self, sample: Shape, task: Task) -> None:
        """Samples must be numeric."""
        if not sample:
            raise ShapeError(f"{self.kind} mixes numeric samples; samples are texts")

    def mix(
        self, samples: Array, targets: Array, others: Array, others_targets: Array, draws: Draws
    ) -> tuple[Array, Array]:
        """Mix samples with others.

        Args:
            samples: (n, *sample shape) float32; may be overwritten.
            targets: class probabilities, (n, classes), or real-valued targets, (n, outputs),
                float32.
            others: as ``samples``, one for each, drawn from the whole training set.
            others_targets: their targets.
            draws: random numbers for each.
        """
        raise NotImplementedError

    def mix_places(
        self, samples: Array, targets: Array, others: Array, others_targets: Array, draws: Draws
    ) -> tuple[Array, Array]:
        """The same for targets of each pixel or step: (n, *places, k), classes or real values."""
        return self.mix(samples, targets, others, others_targets, draws)


def mixes_shares(each: Augmentation, following: Following | None) -> bool:
    """Whether one class becomes a mixture of several (soft targets).

    Args:
        each: an augmentation.
        following: how targets of each pixel or step are moved; these are pasted instead of mixed.
    """
    return isinstance(each, Mixing) and (following is None or not each.moves)


augmentation = Augmentation.family
