"""White or pink noise added to waveforms."""

from __future__ import annotations

from typing import Literal

from dlrun.arrays import Array
from dlrun.augment.audio.noises import pink, with_noise
from dlrun.augment.audio.signal import Decibels, SignalAugmentation, parts
from dlrun.augment.augmentation import augmentation
from dlrun.augment.draws import Draws
from dlrun.augment.kernels import Kernels
from dlrun.augment.ranges import fixed


@augmentation("colored_noise")
class ColoredNoise(SignalAugmentation):
    """Add white or pink noise at a given signal-to-noise ratio."""

    snr: Decibels = (10.0, 30.0)
    """Signal-to-noise ratio in decibels, -200 to 200: a number, or [low, high], drawn for each
    waveform."""
    color: Literal["white", "pink"] = "white"
    """``white``: equal power at all frequencies; ``pink``: half the power per octave upwards."""

    def apply(self, samples: Array, draws: Draws, kernels: Kernels) -> Array:
        """Add it."""
        ratio = draws.uniform(*fixed(self.snr))
        for part in parts(samples, samples[0].size):
            noise = draws.some(part).normal(samples.shape[1:])
            noise = pink(noise) if self.color == "pink" else noise
            with_noise(samples[part], noise, ratio[part])
        return samples
