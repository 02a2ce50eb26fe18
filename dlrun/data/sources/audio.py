"""Recordings in folders."""

from __future__ import annotations

from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field, model_validator

from dlrun.data.labelled_files import LabelledFiles
from dlrun.data.sound_file import SUFFIXES, Align, SoundForm
from dlrun.data.source import source
from dlrun.spec.fields import Positive

Rate = Annotated[int, Field(ge=100, le=1_000_000)]
"""Samples a second."""


@source("audio")
class Audio(LabelledFiles):
    """Recordings: a folder for each class, or a table that gives each file its label.

    WAV, FLAC, AIFF, Ogg and MP3 are read, of any number of bits and channels, and become waveforms
    of one channel, (samples, 1), full scale -1 to 1.  ``log_mel`` in ``data.preprocess`` makes
    spectrograms of them.  Folders in a class's folder belong to the class; files and folders whose
    names begin with a dot are left out.

    Waveforms are kept in ``recordings`` of DLRUN_CACHE or ~/.cache/dlrun, so that the next training
    need not decode them; a file that was added, removed or changed is noticed.  Needs the extra
    ``audio``.
    """

    suffixes: ClassVar = SUFFIXES
    fixed_by: ClassVar = "length"
    whole: ClassVar = {
        np.dtype(np.uint8): (128.0, 128.0),  # as WAV has samples of 8 bits
        np.dtype(np.int16): (0.0, 2.0**15),
        np.dtype(np.int32): (0.0, 2.0**31),
    }

    rate: Rate = 16_000
    """Samples a second; recordings of other rates are resampled."""
    length: Positive | None = None
    """Seconds of all recordings; longer ones are cut, silence is put to shorter ones; null where
    all are of one length."""
    align: Align = "start"
    """What is kept of longer ones, and where shorter ones lie in the silence."""

    def form(self) -> SoundForm:
        """Waveforms."""
        length = None if self.length is None else round(self.length * self.rate)
        return SoundForm(self.rate, length, self.align)

    def sampling_rate(self) -> int:
        """The rate that they are brought to."""
        return self.rate

    @model_validator(mode="after")
    def _check(self) -> Audio:
        if self.form().length == 0:
            raise ValueError(f"length must hold a sample, 1/{self.rate} s, at least")
        return self
