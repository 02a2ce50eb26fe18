"""What an augmentation is: a random change of training samples that leaves their meaning."""

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
    """What augmentations may ask of the experiment that they are part of.

    Attributes:
        rate: samples a second of waveforms; None where samples are none.
        recordings: from a folder, as a spec names it, and a rate to the recordings in it, each
            (length,) float32; raises DataError where they cannot be read.
        task: what the data is for.
        following: how targets of each pixel or step follow when samples are moved; None where a
            target belongs to a sample as a whole.
        low, high: the range of the values of images, which are brought from there to 0 and 1
            before they are changed, and back afterwards.
    """

    rate: int | None = None
    recordings: Callable[[str, int], Sequence[Array]] = _none
    task: Task = "classification"
    following: Following | None = None
    low: float = 0.0
    high: float = 1.0


Change = Callable[[Array, Draws, Kernels], Array]
"""What changes all of some samples, as ``Augmentation.apply`` does."""


class Augmentation(Component):
    """The root of all augmentations.

    A member changes whole batches.  What it does to a sample may depend on the sample and on its
    draws only, never on the others of the batch, so that results do not depend on how the samples
    fall into batches.
    """

    family: ClassVar = Registry["Augmentation"]("augmentation")

    behind_preprocess: ClassVar[bool] = False
    """Whether it changes what the network reads, and not what the source gives."""

    moves: ClassVar[bool] = False
    """Whether it moves values to other places of a sample: targets of places have to follow."""

    probability: Probability = 1.0
    """The share of samples that it changes."""

    @property
    def fills(self) -> bool:
        """Whether some places get values that come from none; their class is then the first."""
        return False

    def check(self, sample: Shape, task: Task) -> None:
        """Check that it can change such samples, and that what it needs can be had.

        Args:
            sample: shape of a sample as the source gives it, or behind ``data.preprocess``; () is
                a text.
            task: what the data is for.

        Raises:
            InputError: it cannot; the message says what it needs.
        """

    def anchored(self, folder: Path) -> Self:
        """The same for a spec that may lie anywhere: relative paths start at ``folder``."""
        return self

    def apply(self, samples: Array, draws: Draws, kernels: Kernels) -> Array:
        """Change all of some samples.

        Args:
            samples: (n, *sample shape) float32, or (n,) texts, which may be overwritten.
            draws: random numbers for each of them.
            kernels: fast loops.

        Returns:
            Of the same shape and type: a new array, or ``samples``.
        """
        raise NotImplementedError

    def bind(self, setting: Setting) -> Change:
        """What changes samples of an experiment: ``apply``, if it needs to know nothing of it.

        Raises:
            ShapeError: the experiment lacks what it needs.
            DataError: a file that it needs cannot be read.
        """
        return self.apply

    def follow(self, setting: Setting, following: Following) -> Change:
        """What moves targets of places as ``apply`` moves samples; asked where it ``moves``.

        Args:
            setting: the experiment's.
            following: how they follow.

        Returns:
            A function of (n, *places, k) targets, which may be overwritten, and of the draws that
            ``apply`` gets: all that is random must be drawn as it is there.
        """
        raise NotImplementedError


class Mixing(Augmentation):
    """The root of those that mix a sample, and its target, with another one."""

    def check(self, sample: Shape, task: Task) -> None:
        """Numbers only."""
        if not sample:
            raise ShapeError(f"{self.kind} mixes numbers; samples are texts")

    def mix(
        self, samples: Array, targets: Array, others: Array, others_targets: Array, draws: Draws
    ) -> tuple[Array, Array]:
        """Mix samples with others.

        Args:
            samples: (n, *sample shape) float32, which may be overwritten.
            targets: shares of classes, (n, classes), or numbers, (n, outputs), float32.
            others: as ``samples``, one for each, drawn from the whole training part.
            others_targets: theirs.
            draws: random numbers for each.
        """
        raise NotImplementedError

    def mix_places(
        self, samples: Array, targets: Array, others: Array, others_targets: Array, draws: Draws
    ) -> tuple[Array, Array]:
        """The same where targets belong to places: (n, *places, k), classes or numbers."""
        return self.mix(samples, targets, others, others_targets, draws)


def mixes_shares(each: Augmentation, following: Following | None) -> bool:
    """Whether what was one class becomes shares of several.

    Args:
        each: an augmentation.
        following: how targets of places follow, which are then pasted and not mixed.
    """
    return isinstance(each, Mixing) and (following is None or not each.moves)


augmentation = Augmentation.family
