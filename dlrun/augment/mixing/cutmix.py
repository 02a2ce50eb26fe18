"""Images with a part of another one."""

from __future__ import annotations

import numpy as np

from dlrun.arrays import Array, Shape
from dlrun.augment.augmentation import Mixing, Task, augmentation
from dlrun.augment.draws import Draws
from dlrun.augment.images.boxes import boxes
from dlrun.augment.images.image import need_images
from dlrun.augment.mixing.mixup import Alpha, weighted
from dlrun.augment.ranges import Probability
from dlrun.errors import ShapeError


@augmentation("cutmix")
class Cutmix(Mixing):
    """Put a box of another image into an image, and mix the classes by area.

    The part that stays is drawn from the beta distribution (Yun et al., ICCV 2019); a box that
    reaches beyond the border counts as far as it is seen.  The other one is any image of the
    training part, behind the augmentations before this one.
    """

    alpha: Alpha = 1.0
    """Both parameters of the distribution: 1 draws all areas alike."""
    probability: Probability = 0.5
    """The share of samples that it changes."""

    def check(self, sample: Shape, task: Task) -> None:
        """Images of classes."""
        need_images(self.kind, sample)
        if task != "classification":
            raise ShapeError(f"{self.kind} mixes classes, and the data is a {task}; use mixup")

    def mix(
        self, samples: Array, targets: Array, others: Array, others_targets: Array, draws: Draws
    ) -> tuple[Array, Array]:
        """Paste the boxes."""
        height, width = samples.shape[1:3]
        side = np.sqrt(1.0 - draws.beta(self.alpha))
        inside = boxes(draws, side * width, side * height, height, width)
        stays = 1.0 - inside.mean(axis=(1, 2, 3))
        mixed = np.where(inside, others, samples)
        return mixed, weighted(targets, others_targets, stays.astype(np.float32))
