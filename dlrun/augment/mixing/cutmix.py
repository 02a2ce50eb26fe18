"""Images with a part of another one."""

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
    """Put a box of another image into an image, and mix the classes by area.

    Where each pixel has a target, the box brings its own along.

    The part that stays is drawn from the beta distribution (Yun et al., ICCV 2019); a box that
    reaches beyond the border counts as far as it is seen.  The other one is any image of the
    training part, behind the augmentations before this one.
    """

    moves: ClassVar = True

    alpha: Alpha = 1.0
    """Both parameters of the distribution: 1 draws all areas alike."""
    probability: Probability = 0.5
    """The share of samples that it changes."""

    def check(self, sample: Shape, task: Task) -> None:
        """Images."""
        need_images(self.kind, sample)

    def bind(self, setting: Setting) -> Change:
        """Classes, or targets of pixels."""
        if setting.following is None and setting.task != "classification":
            raise ShapeError(
                f"{self.kind} mixes classes, and the data is a {setting.task}; use mixup"
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
        """Which pixels come from the other image, (n, height, width, 1) bool."""
        height, width = samples.shape[1:3]
        side = np.sqrt(1.0 - draws.beta(self.alpha))
        return boxes(draws, side * width, side * height, height, width)
