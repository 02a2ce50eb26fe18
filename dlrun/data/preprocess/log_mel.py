"""Log-mel spectrograms of waveforms."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from pydantic import Field, PositiveInt, model_validator

from dlrun.arrays import Array
from dlrun.data.dataset import Dataset
from dlrun.data.preprocess.base import Columns, Preprocess, State, preprocess
from dlrun.data.preprocess.mel import mel_filters
from dlrun.errors import DataError
from dlrun.spec.fields import NonNegative, Positive

_FASTEST = 1e9
"""Hz; a higher sampling rate is that of a damaged file."""
_CHUNK = 1 << 18
"""Values of windows that are transformed at a time: 1 MiB."""


@preprocess("log_mel")
class LogMel(Preprocess):
    """The logarithm of a mel spectrogram: (length, 1) becomes (frames, mels), in decibels.

    Each frame is a Hann window of the waveform; its power spectrum goes through triangular filters
    that are evenly spaced on the mel scale.  A sine wave of full scale has about 0 dB at the peak
    of a filter.  There are 1 + floor((length - window) / hop) frames.  Only the sampling rate is
    taken from the training set.
    """

    mels: PositiveInt = 40
    """Number of filters, evenly spaced in mel = 2595 log10(1 + f / 700)."""
    window: Positive = 25.0
    """Length of a frame in milliseconds."""
    hop: Positive = 10.0
    """Milliseconds from the start of one frame to the next."""
    low: NonNegative = 0.0
    """Lowest frequency of the first filter, in Hz."""
    high: Positive | None = None
    """Highest frequency of the last filter, in Hz; null is half of the sampling rate."""
    floor: Annotated[float, Field(lt=0.0)] = -80.0
    """Minimum level in dB relative to full scale; quieter values are raised to it."""

    @model_validator(mode="after")
    def _check(self) -> LogMel:
        if self.high is not None and self.high <= self.low:
            raise ValueError("high must be above low")
        return self

    def measure(self, train: Dataset) -> State:
        """The sampling rate."""
        shape = train.sample_shape
        if train.rate is None or len(shape) != 2 or shape[1] != 1:
            shown = " x ".join(map(str, shape))
            raise DataError(
                f"log_mel needs waveforms of one channel, such as from the source audio; these "
                f"samples are {shown}"
            )
        if self.low >= train.rate / 2 or (self.high or 0.0) > train.rate / 2:
            raise DataError(
                f"log_mel: a sampling rate of {train.rate} Hz holds frequencies up to "
                f"{train.rate / 2:g} Hz; lower low and high, or raise data.source.rate"
            )
        fitted = Spectrogram(self, train.rate)
        if fitted.hop < 1 or fitted.window < 2:
            raise DataError(
                f"log_mel: window or hop is too short for a sampling rate of {train.rate} Hz"
            )
        if shape[0] < fitted.window:
            raise DataError(
                f"log_mel: a window of {self.window:g} ms has {fitted.window} samples, but a "
                f"waveform only {shape[0]}; lower window"
            )
        if (empty := fitted.empty) is not None:
            raise DataError(
                f"log_mel: filter {empty + 1} of {self.mels} is too narrow to contain a "
                "frequency; lower mels or raise window"
            )
        return {"rate": np.array([float(train.rate)])}

    def restore(self, columns: Columns, state: State) -> Spectrogram:
        """The fitted step for waveforms of that rate.

        Raises:
            ValueError: it is not a sampling rate.
        """
        rate = float(state["rate"][0])
        if not 0 < rate <= _FASTEST:
            raise ValueError(f"a sampling rate of {rate:g} Hz is not possible")
        return Spectrogram(self, rate)


class Spectrogram:
    """``LogMel`` for a sampling rate.

    Args:
        of: its fields.
        rate: sampling rate in Hz.

    Attributes:
        columns: None, because spectrograms are not a table.
        window: samples per frame.
        hop: samples from the start of one frame to the next.
    """

    columns: Columns = None

    def __init__(self, of: LogMel, rate: float) -> None:
        self.window, self.hop = round(of.window * rate / 1000), round(of.hop * rate / 1000)
        self._size = 1 << max(0, self.window - 1).bit_length()
        self._floor = np.float32(10.0 ** (of.floor / 10.0))
        n = np.arange(self.window)
        hann = 0.5 - 0.5 * np.cos(2 * np.pi * (n + 0.5) / max(1, self.window))
        # Half of the sum is the peak of a sine wave of full scale in the spectrum.
        self._taper = (hann / max(1e-9, hann.sum() / 2)).astype(np.float32)
        high = rate / 2 if of.high is None else of.high
        filters = mel_filters(of.mels, self._size, rate, of.low, high).astype(np.float32)
        self._bands = [_Band.of(weights) for weights in filters]

    @property
    def empty(self) -> int | None:
        """The index of the first filter without a frequency; None if all have one."""
        return next((at for at, band in enumerate(self._bands) if not len(band.weights)), None)

    def apply(self, inputs: Array) -> Array:
        """From (n, length, 1) to (n, frames, mels), each waveform separately."""
        frames = 1 + (inputs.shape[1] - self.window) // self.hop
        result = np.empty((len(inputs), frames, len(self._bands)), np.float32)
        step = max(1, _CHUNK // (frames * self._size))
        for start in range(0, len(inputs), step):
            part = slice(start, start + step)
            self._transform(inputs[part, :, 0], result[part])
        return result

    def _transform(self, waves: Array, out: Array) -> None:
        from scipy import fft  # transforms several frames at a time

        windows = sliding_window_view(waves, self.window, axis=1)[:, :: self.hop]
        spectrum = fft.rfft(windows * self._taper, self._size)
        power = np.square(spectrum.real) + np.square(spectrum.imag)
        # Bins first, so that a filter adds up whole rows.  A matrix multiplication would be faster,
        # but its rounding depends on the batch.
        rows = np.ascontiguousarray(power.reshape(-1, power.shape[-1]).T)
        sums = np.empty((len(self._bands), rows.shape[1]), np.float32)
        for band, total in zip(self._bands, sums, strict=True):
            np.sum(rows[band.bins] * band.weights[:, None], axis=0, out=total)
        out[...] = sums.T.reshape(out.shape)
        np.maximum(out, self._floor, out=out)
        np.log10(out, out=out)
        out *= np.float32(10.0)


@dataclass(frozen=True, slots=True)
class _Band:
    """The nonzero range of a filter.

    Attributes:
        bins: the range.
        weights: the filter's weights in it.
    """

    bins: slice
    weights: Array

    @classmethod
    def of(cls, weights: Array) -> _Band:
        inside = np.flatnonzero(weights)
        bins = slice(int(inside[0]), int(inside[-1]) + 1) if len(inside) else slice(0, 0)
        return cls(bins, weights[bins])
