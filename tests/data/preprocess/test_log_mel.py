from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlrun.arrays import Array
from dlrun.data.dataset import Dataset
from dlrun.data.preprocess.log_mel import LogMel
from dlrun.data.preprocess.mel import mel_filters, to_hertz, to_mel
from dlrun.data.preprocess.pipeline import Pipeline
from dlrun.data.preprocess.standardize import Standardize
from dlrun.errors import DataError

RATE = 8000


def waves(n: int = 3, length: int = 2000, rate: int | None = RATE) -> Dataset:
    values = np.random.default_rng(1).normal(0, 0.1, (n, length, 1)).astype(np.float32)
    return Dataset(values, np.arange(n), "classification", ("a", "b", "c"), rate=rate)


def spectrogram(values: Array, step: LogMel | None = None) -> Array:
    step = step or LogMel()
    return step.restore(None, {"rate": np.array([float(RATE)])}).apply(values)


def test_the_mel_scale() -> None:
    # 1000 Hz is about 1000 mel, which is how the scale came about.
    assert float(to_mel(1000.0)) == pytest.approx(999.9855, abs=1e-4)
    assert float(to_mel(0.0)) == 0.0 and float(to_mel(700.0)) == pytest.approx(781.1728, abs=1e-4)
    hertz = np.linspace(0, 20_000, 50)
    np.testing.assert_allclose(to_hertz(to_mel(hertz)), hertz, atol=1e-8)


def test_filters_are_triangles() -> None:
    """The formula written out for every weight."""
    bands, size, low, high = 7, 64, 100.0, 3800.0
    found = mel_filters(bands, size, RATE, low, high)
    top, bottom = (2595 * math.log10(1 + f / 700) for f in (high, low))
    corners = [
        700 * (10 ** ((bottom + (top - bottom) * k / (bands + 1)) / 2595) - 1)
        for k in range(bands + 2)
    ]
    for band in range(bands):
        left, middle, right = corners[band : band + 3]
        for k in range(size // 2 + 1):
            f = k * RATE / size
            if f <= left or f >= right:
                weight = 0.0
            else:
                weight = (
                    (f - left) / (middle - left) if f <= middle else (right - f) / (right - middle)
                )
            assert found[band, k] == pytest.approx(weight, abs=1e-12)
    # Between the first and the last top they share all that there is.
    inside = (np.arange(33) * RATE / size > corners[1]) & (
        np.arange(33) * RATE / size < corners[-2]
    )
    np.testing.assert_allclose(found.sum(axis=0)[inside], 1.0)


def test_a_sine_of_full_scale_has_no_decibels() -> None:
    centre = float(to_hertz(to_mel(4000.0) * 20 / 41))  # the top of filter 20 of 40
    wave = np.sin(2 * np.pi * centre * np.arange(4000) / RATE).astype(np.float32)[None, :, None]
    found = spectrogram(wave)
    assert found.shape == (1, 1 + (4000 - 200) // 80, 40) and found.dtype == np.float32
    assert (found[0].argmax(axis=1) == 19).all()
    # A window's power lies in a bin and its neighbours, of which a narrow filter takes a part.
    assert np.abs(found[0, :, 19]).max() < 3.0
    half = spectrogram(wave / 2)
    np.testing.assert_allclose(found[0, :, 19] - half[0, :, 19], 20 * math.log10(2), atol=1e-3)


def test_it_is_what_the_definition_says() -> None:
    data = waves(1)
    wave = np.asarray(data.inputs)[0, :, 0].astype(np.float64)
    filters = mel_filters(40, 256, RATE, 0.0, 4000.0)
    hann = np.sin(np.pi * (np.arange(200) + 0.5) / 200) ** 2
    for frame in range(0, 23, 5):
        spectrum = np.fft.rfft(wave[80 * frame : 80 * frame + 200] * hann / (hann.sum() / 2), 256)
        expected = 10 * np.log10(np.maximum(filters @ np.abs(spectrum) ** 2, 1e-8))
        np.testing.assert_allclose(spectrogram(data.inputs[:1])[0, frame], expected, atol=1e-3)


def test_silence_is_the_floor() -> None:
    np.testing.assert_allclose(spectrogram(np.zeros((2, 900, 1), np.float32)), -80.0, rtol=1e-6)
    quiet = spectrogram(np.zeros((2, 900, 1), np.float32), LogMel(floor=-60.0, mels=10))
    np.testing.assert_allclose(quiet, -60.0, rtol=1e-6)


@given(rows=st.lists(st.integers(0, 39), min_size=1, max_size=40))
def test_a_waveform_has_the_same_bits_in_any_batch(rows: list[int]) -> None:
    inputs = np.asarray(waves(40).inputs)
    np.testing.assert_array_equal(spectrogram(inputs[rows]), spectrogram(inputs)[rows])


def test_it_is_kept_with_what_follows() -> None:
    steps = (LogMel(mels=20), Standardize())
    data = waves()
    pipeline, train = Pipeline.fit(steps, data)
    assert train.sample_shape == (23, 20)
    np.testing.assert_allclose(np.asarray(train.inputs).mean(axis=(0, 1)), 0.0, atol=1e-5)
    again = Pipeline.restore(steps, None, pipeline.state())
    np.testing.assert_array_equal(again.transform(np.asarray(data.inputs)), train.inputs)


@pytest.mark.parametrize(
    ("data", "step", "says"),
    [
        (waves(rate=None), LogMel(), "needs waveforms of one channel"),
        (waves(length=199), LogMel(), "a window of 25 ms has 200 samples, but a waveform only 199"),
        (waves(), LogMel(high=5000.0), "holds frequencies up to 4000 Hz"),
        (waves(), LogMel(mels=200), "is too narrow to contain a frequency; lower mels"),
        (waves(), LogMel(hop=0.01), "window or hop is too short"),
    ],
)
def test_what_it_cannot_take_is_said(data: Dataset, step: LogMel, says: str) -> None:
    with pytest.raises(DataError, match=says):
        step.measure(data)


def test_high_is_above_low() -> None:
    with pytest.raises(ValueError, match="high must be above low"):
        LogMel(low=500.0, high=400.0)
