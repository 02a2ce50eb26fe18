"""One table of augmentations that drives every test that all of them must pass."""

from __future__ import annotations

from typing import NamedTuple

from dlrun.augment.augmentation import Augmentation
from dlrun.augment.images.blur import Blur
from dlrun.augment.images.color_jitter import ColorJitter
from dlrun.augment.images.crop import Crop
from dlrun.augment.images.equalize import Equalize
from dlrun.augment.images.erase import Erase
from dlrun.augment.images.flip import Flip
from dlrun.augment.images.grayscale import Grayscale
from dlrun.augment.images.noise import Noise
from dlrun.augment.images.perspective import Perspective
from dlrun.augment.images.posterize import Posterize
from dlrun.augment.images.rand_augment import RandAugment
from dlrun.augment.images.resized_crop import ResizedCrop
from dlrun.augment.images.rotate import Rotate
from dlrun.augment.images.sharpen import Sharpen
from dlrun.augment.images.shear import Shear
from dlrun.augment.images.solarize import Solarize
from dlrun.augment.images.translate import Translate
from dlrun.augment.images.trivial_augment import TrivialAugment
from dlrun.augment.images.zoom import Zoom
from dlrun.augment.mixing.cutmix import Cutmix
from dlrun.augment.mixing.mixup import Mixup


class Case(NamedTuple):
    """An augmentation and the channels of the images that it takes."""

    augmentation: Augmentation
    channels: int = 3


CASES = [
    Case(Blur()),
    Case(Blur(sigma=(0.5, 2.0)), 1),
    Case(ColorJitter()),
    Case(ColorJitter(), 1),
    Case(Crop()),
    Case(Crop(fill="reflect"), 2),
    Case(Cutmix()),
    Case(Equalize()),
    Case(Erase()),
    Case(Erase(value="mean"), 1),
    Case(Erase(value="noise")),
    Case(Flip()),
    Case(Flip(direction="vertical"), 5),
    Case(Grayscale()),
    Case(Mixup()),
    Case(Noise()),
    Case(Perspective()),
    Case(Posterize()),
    Case(RandAugment()),
    Case(RandAugment(operations=3, magnitude=30.0, fill="edge"), 1),
    Case(ResizedCrop()),
    Case(Rotate()),
    Case(Rotate(degrees=(-180.0, 180.0), fill=0.5), 1),
    Case(Sharpen()),
    Case(Shear()),
    Case(Shear(direction="vertical", fill="edge")),
    Case(Solarize()),
    Case(Translate()),
    Case(TrivialAugment()),
    Case(TrivialAugment(fill="reflect"), 1),
    Case(Zoom()),
]

STILL = [
    Case(Blur(sigma=0.0)),
    Case(ColorJitter(brightness=0.0, contrast=0.0, saturation=0.0, hue=0.0)),
    Case(ColorJitter(brightness=0.0, contrast=0.0), 1),
    Case(Crop(padding=0)),
    Case(Erase(area=0.0)),
    Case(Noise(deviation=0.0)),
    Case(Perspective(distortion=0.0)),
    Case(ResizedCrop(area=(1.0, 1.0), ratio=(1.0, 1.0))),
    Case(Rotate(degrees=0.0)),
    Case(Sharpen(factor=0.0)),
    Case(Shear(degrees=0.0)),
    Case(Translate(distance=0.0)),
    Case(Zoom(factor=0.0)),
]
"""Those that have a strength, at none."""
