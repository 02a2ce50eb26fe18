"""Recordings in folders."""

from __future__ import annotations

from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field, model_validator

from dlrun.data.files.sound_file import SUFFIXES, Align, SoundForm
from dlrun.data.sources.base import source
from dlrun.data.sources.forms.labelled_files import LabelledFiles
from dlrun.spec.fields import Positive

Rate = Annotated[int, Field(ge=100, le=1_000_000)]
"""Sampling rate in Hz."""


@source("audio")
class Audio(LabelledFiles):
    """Recordings: one folder per class, or a table with the label of each file.

    Reads WAV, FLAC, AIFF, Ogg and MP3 files with any number of bits and channels as waveforms
    of one channel, (samples, 1), full scale -1 to 1.  ``log_mel`` in ``data.preprocess`` computes
    spectrograms from them.  Subfolders of a class folder belong to the class; files and folders
    whose names begin with a dot are skipped.

    Waveforms are cached in ``recordings`` of the cache folder (``DLRUN_CACHE``), so that the next
    training does not decode the files again; added, removed and changed files are detected.  Needs
    the extra ``audio``: pip install 'dlrun[audio]'.
    """

    suffixes: ClassVar = SUFFIXES
    fixed_by: ClassVar = "length"
    whole: ClassVar = {
        np.dtype(np.uint8): (128.0, 128.0),  # the 8-bit samples of WAV
        np.dtype(np.int16): (0.0, 2.0**15),
        np.dtype(np.int32): (0.0, 2.0**31),
    }

    rate: Rate = 16_000
    """Sampling rate in Hz; recordings with other rates are resampled."""
    length: Positive | None = None
    """Length of all recordings in seconds; longer ones are cut, shorter ones padded with silence;
    null if all have the same length."""
    align: Align = "start"
    """The part of longer recordings to keep, and the position of shorter ones in silence."""

    def form_of_files(self) -> str:
        """Rate and length."""
        of = f", sounds of one channel at {self.rate:,} Hz; files with another rate are resampled"
        if self.length is None:
            return f"{of}, and must have this length"
        ends = {"start": "their end", "center": "both ends"}
        return f"{of}, and cut or padded with silence at {ends[self.align]}"

    def form(self) -> SoundForm:
        """Waveforms of the requested rate and length."""
        length = None if self.length is None else round(self.length * self.rate)
        return SoundForm(self.rate, length, self.align)

    def sampling_rate(self) -> int:
        """The sampling rate of the waveforms."""
        return self.rate

    @model_validator(mode="after")
    def _check(self) -> Audio:
        if self.form().length == 0:
            raise ValueError(f"length must be at least one sample, 1/{self.rate} s")
        return self
