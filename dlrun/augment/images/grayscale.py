"""Images without colour."""

from __future__ import annotations

from dlrun.arrays import Array, Shape
from dlrun.augment.augmentation import Task, augmentation
from dlrun.augment.draws import Draws
from dlrun.augment.images.image import ImageAugmentation, need_colors
from dlrun.augment.images.pixels import grey
from dlrun.augment.kernels import Kernels
from dlrun.augment.ranges import Probability


@augmentation("grayscale")
class Grayscale(ImageAugmentation):
    """Convert images to grey: all three channels become the pixel's brightness."""

    probability: Probability = 0.2
    """Fraction of samples that are changed."""

    def check(self, sample: Shape, task: Task) -> None:
        """Images with 3 channels."""
        need_colors(self.kind, sample)

    def apply(self, samples: Array, draws: Draws, kernels: Kernels) -> Array:
        """Repeat the brightness."""
        samples[...] = grey(samples)
        return samples
