"""One table of augmentations that drives every test that all of them must pass."""

from __future__ import annotations

from typing import NamedTuple

from dlrun.augment.audio.background_noise import BackgroundNoise
from dlrun.augment.audio.band_pass import BandPass
from dlrun.augment.audio.clipping import Clipping
from dlrun.augment.audio.colored_noise import ColoredNoise
from dlrun.augment.audio.gain import Gain
from dlrun.augment.audio.high_pass import HighPass
from dlrun.augment.audio.impulse_response import ImpulseResponse
from dlrun.augment.audio.low_pass import LowPass
from dlrun.augment.audio.pitch_shift import PitchShift
from dlrun.augment.audio.reverb import Reverb
from dlrun.augment.audio.spec_augment import SpecAugment
from dlrun.augment.audio.speed import Speed
from dlrun.augment.audio.time_shift import TimeShift
from dlrun.augment.audio.time_stretch import TimeStretch
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

SIGNALS = [
    Case(BackgroundNoise(path="noises"), 1),
    Case(BackgroundNoise(path="noises", snr=0.0), 2),
    Case(BandPass(), 1),
    Case(BandPass(center=300.0, octaves=1.0, slope=24.0), 2),
    Case(Clipping(), 1),
    Case(Clipping(level=0.5), 3),
    Case(ColoredNoise(), 1),
    Case(ColoredNoise(color="pink"), 2),
    Case(Gain(), 1),
    Case(HighPass(), 1),
    Case(ImpulseResponse(path="rooms"), 1),
    Case(LowPass(), 1),
    Case(PitchShift(), 1),
    Case(PitchShift(semitones=(-12.0, 12.0)), 2),
    Case(Reverb(), 1),
    Case(Reverb(decay=2.0, wet=1.0), 2),
    Case(SpecAugment(), 8),
    Case(SpecAugment(time_masks=1, frequency_width=0.5, value=0.0), 20),
    Case(Speed(), 1),
    Case(Speed(factor=(0.5, 2.0)), 2),
    Case(TimeShift(), 1),
    Case(TimeShift(distance=0.5, wrap=True), 2),
    Case(TimeStretch(), 1),
    Case(TimeStretch(factor=(0.5, 2.0)), 2),
]
"""Those that change series, with the channels of the series."""

SIGNALS_STILL = [
    Case(BackgroundNoise(path="noises", snr=200.0), 1),
    Case(Clipping(level=1.0), 1),
    Case(ColoredNoise(snr=200.0), 1),
    Case(ColoredNoise(snr=200.0, color="pink"), 1),
    Case(Gain(decibels=0.0), 1),
    Case(HighPass(cutoff=1e-30), 1),
    Case(LowPass(cutoff=1e9), 1),
    Case(PitchShift(semitones=0.0), 2),
    Case(Reverb(wet=0.0), 1),
    Case(SpecAugment(time_masks=0, frequency_masks=0), 8),
    Case(SpecAugment(time_width=0.0, frequency_width=0.0), 8),
    Case(Speed(factor=0.0), 2),
    Case(TimeShift(distance=0.0), 2),
    Case(TimeStretch(factor=0.0), 2),
]
"""Those that have a strength, at none."""
