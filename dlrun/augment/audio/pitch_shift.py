"""Waveforms with another pitch."""

from __future__ import annotations

from dlrun.arrays import Array, Shape
from dlrun.augment.audio.signal import SoundAugmentation
from dlrun.augment.audio.speeds import Semitones
from dlrun.augment.audio.stretching import frame, paced, stretched, vocoder_work
from dlrun.augment.augmentation import augmentation
from dlrun.augment.draws import Draws
from dlrun.augment.kernels import Kernels
from dlrun.augment.ranges import around_zero


@augmentation("pitch_shift")
class PitchShift(SoundAugmentation):
    """Change the pitch of waveforms, but not their speed.

    They are stretched by a phase vocoder (Flanagan & Golden 1966), and then resampled to their
    original length, which multiplies all frequencies.
    """

    semitones: Semitones = 2.0
    """Shift in semitones, up if positive: a number d for -d to d, or [low, high]."""

    def work(self, sample: Shape) -> int:
        """That of the vocoder."""
        return vocoder_work(sample)

    def change_with(self, rate: int, waves: Array, draws: Draws, kernels: Kernels) -> Array:
        """Stretch, then resample, each."""
        ratios = 2.0 ** (draws.uniform(*around_zero(self.semitones)) / 12.0)
        for wave, ratio in zip(waves, ratios.tolist(), strict=True):
            length = round(len(wave) * ratio)
            longer = stretched(wave, 1 / ratio, length, frame(rate), kernels)
            wave[:] = paced(longer[None], [ratio], len(wave))[0]
        return waves
