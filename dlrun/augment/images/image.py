"""The base of augmentations of images."""

from __future__ import annotations

from dlrun.arrays import Shape
from dlrun.augment.augmentation import Augmentation, Task
from dlrun.errors import ShapeError


class ImageAugmentation(Augmentation):
    """Base class of augmentations of images: (n, height, width, channels), values 0 to 1."""

    def check(self, sample: Shape, task: Task) -> None:
        """Images only."""
        need_images(self.kind, sample)


def need_images(kind: str, sample: Shape) -> None:
    """Check that samples are images.

    Raises:
        ShapeError: they are not.
    """
    if len(sample) != 3:
        shown = " x ".join(map(str, sample)) or "texts"
        raise ShapeError(f"{kind} changes images, (height, width, channels); samples are {shown}")


def need_channels(kind: str, sample: Shape) -> None:
    """Check that samples are images with one channel, or with red, green and blue.

    Raises:
        ShapeError: they are not.
    """
    need_images(kind, sample)
    if sample[-1] not in (1, 3):
        raise ShapeError(f"{kind} needs images of 1 or 3 channels; samples have {sample[-1]}")


def need_colors(kind: str, sample: Shape) -> None:
    """Check that samples are images with red, green and blue.

    Raises:
        ShapeError: they are not.
    """
    need_images(kind, sample)
    if sample[-1] != 3:
        raise ShapeError(f"{kind} needs images of 3 channels; samples have {sample[-1]}")
