"""Reverberation of measured rooms."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import ClassVar, Self

import numpy as np
from pydantic import Field

from dlrun.arrays import Array
from dlrun.augment.audio.filtering import convolved
from dlrun.augment.audio.signal import SoundAugmentation
from dlrun.augment.augmentation import Change, Setting, augmentation
from dlrun.augment.draws import Draws
from dlrun.augment.kernels import Kernels
from dlrun.augment.ranges import Probability


@augmentation("impulse_response")
class ImpulseResponse(SoundAugmentation):
    """Convolve waveforms with recorded impulse responses of rooms or devices, one drawn for each.

    A response starts at its peak, so that waveforms are not delayed, and is scaled to an energy of
    1, so that the volume stays about the same.
    """

    examples: ClassVar = ({"path": "recordings"},)

    path: str = Field(min_length=1)
    """Folder of the responses; a relative path starts at the spec's folder."""
    probability: Probability = 0.5
    """Fraction of samples that are changed."""

    def bind(self, setting: Setting) -> Change:
        """With its responses loaded."""
        super().bind(setting)
        assert setting.rate is not None
        found = [_begun(each) for each in setting.recordings(self.path, setting.rate)]
        return partial(self._convolve, found)

    def anchored(self, folder: Path) -> Self:
        """With an absolute path."""
        return self.model_copy(update={"path": str((folder / self.path).absolute())})

    def _convolve(
        self, responses: Sequence[Array], samples: Array, draws: Draws, kernels: Kernels
    ) -> Array:
        taps = min(samples.shape[1], max(map(len, responses)))
        chosen = np.zeros((len(samples), taps), np.float32)
        for row, which in enumerate(draws.integers(len(responses)).tolist()):
            response = responses[which][:taps]
            chosen[row, : len(response)] = response
        return convolved(samples, chosen)


def _begun(response: Array) -> Array:
    """The response from its peak on, with energy 1; a silent one is replaced by the identity."""
    if not response.any():
        return np.ones(1, np.float32)
    begun = response[int(np.abs(response).argmax()) :]
    return np.asarray(begun / np.sqrt(np.square(begun, dtype=np.float64).sum()), np.float32)
