"""CutMix: images with a box from another one."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from dlrun.arrays import Array, Shape
from dlrun.augment.augmentation import Change, Mixing, Setting, Task, augmentation
from dlrun.augment.draws import Draws
from dlrun.augment.images.boxes import boxes
from dlrun.augment.images.image import need_images
from dlrun.augment.mixing.mixup import Alpha, weighted
from dlrun.augment.ranges import Probability
from dlrun.errors import ShapeError


@augmentation("cutmix")
class Cutmix(Mixing):
    """Paste a random box of another image into an image, and mix the classes by area.

    If each pixel has a target, the box includes its targets.

    The remaining fraction of the area is drawn from the beta distribution (Yun et al., ICCV 2019);
    if a box extends beyond the border, only its visible part counts.  The other image is a random
    one of the training set, after the augmentations before this one.
    """

    moves: ClassVar = True

    alpha: Alpha = 1.0
    """Both parameters of the beta distribution; 1: all areas are equally likely."""
    probability: Probability = 0.5
    """Fraction of samples that are changed."""

    def check(self, sample: Shape, task: Task) -> None:
        """Images."""
        need_images(self.kind, sample)

    def bind(self, setting: Setting) -> Change:
        """For classes, or for targets of pixels."""
        if setting.following is None and setting.task != "classification":
            raise ShapeError(
                f"{self.kind} mixes classes, but the task is {setting.task}; use mixup"
            )
        return super().bind(setting)

    def mix(
        self, samples: Array, targets: Array, others: Array, others_targets: Array, draws: Draws
    ) -> tuple[Array, Array]:
        """Paste the boxes."""
        inside = self._boxes(samples, draws)
        stays = 1.0 - inside.mean(axis=(1, 2, 3))
        mixed = np.where(inside, others, samples)
        return mixed, weighted(targets, others_targets, stays.astype(np.float32))

    def mix_places(
        self, samples: Array, targets: Array, others: Array, others_targets: Array, draws: Draws
    ) -> tuple[Array, Array]:
        """Paste the boxes, and their targets."""
        inside = self._boxes(samples, draws)
        return np.where(inside, others, samples), np.where(inside, others_targets, targets)

    def _boxes(self, samples: Array, draws: Draws) -> Array:
        """The pixels that come from the other image, (n, height, width, 1) bool."""
        height, width = samples.shape[1:3]
        side = np.sqrt(1.0 - draws.beta(self.alpha))
        return boxes(draws, side * width, side * height, height, width)
