"""What all augmentations of waveforms and of spectrograms have in common."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from augmentation_cases import SIGNALS, SIGNALS_STILL, Case
from hypothesis import given, settings
from hypothesis import strategies as st

from dlrun.arrays import Array
from dlrun.augment.augmentation import Augmentation, Setting
from dlrun.augment.augmenter import Augmenter
from dlrun.errors import ShapeError
from dlrun.nn.kernels import numpy_kernels

RATE, N = 8000, 10
TARGETS = np.arange(N) % 3


def recordings(path: str, rate: int) -> Sequence[Array]:
    """Noises, of which the second is shorter than a waveform; or responses."""
    assert rate == RATE
    random = np.random.default_rng(3)
    if path == "noises":
        return [random.normal(0, 0.3, size).astype(np.float32) for size in (3000, 200)]
    fading = np.exp(-np.arange(900) / 90)
    return [(random.normal(0, 1, 900) * fading).astype(np.float32), np.ones(1, np.float32)]


SETTING = Setting(RATE, recordings)


def signals(channels: int, length: int = 1200) -> Array:
    """Speech-like: tones with overtones that come and go."""
    random = np.random.default_rng(7)
    time = np.arange(length)[:, None] / RATE
    base = random.uniform(100, 300, (N, 1, channels))
    tones = sum(np.sin(2 * np.pi * k * base * time) / k for k in (1, 2, 3, 5))
    swell = 0.6 + 0.4 * np.sin(2 * np.pi * random.uniform(2, 9, (N, 1, 1)) * time)
    return (0.2 * tones * swell).astype(np.float32)


def changed(
    augmentation: Augmentation, given: Array, rows: Array, seed: int = 1, epoch: int = 1
) -> tuple[Array, Array]:
    def read(at: Array) -> tuple[Array, Array]:
        return given[at], TARGETS[at]

    kernels = numpy_kernels().augment
    return Augmenter([augmentation], seed, read, N, kernels, setting=SETTING)(epoch, rows)


def label(case: Case) -> str:
    return f"{case.augmentation.kind}-{case.channels}"


every = pytest.mark.parametrize("case", SIGNALS, ids=label)


@every
def test_shape_type_and_label_stay(case: Case) -> None:
    given = signals(case.channels)
    before = given.copy()
    for epoch in range(1, 4):
        found, targets = changed(case.augmentation, given, np.arange(N), epoch=epoch)
        assert found.shape == given.shape and found.dtype == np.float32
        assert np.isfinite(found).all() and np.abs(found).max() < 20
        np.testing.assert_array_equal(targets, TARGETS)
    np.testing.assert_array_equal(given, before)


@every
def test_it_changes_something(case: Case) -> None:
    given = signals(case.channels)
    always = case.augmentation.model_copy(update={"probability": 1.0})
    found = [changed(always, given, np.arange(N), epoch=epoch)[0] for epoch in (1, 2)]
    assert np.any(found[0] != given)
    if case.augmentation.kind not in ("clipping", "band_pass"):  # which have one of fixed strength
        assert np.any(found[0] != found[1])


@every
@settings(max_examples=8)
@given(data=st.data())
def test_a_sample_becomes_the_same_whatever_its_batch(case: Case, data: st.DataObject) -> None:
    given = signals(case.channels)
    rows = np.array(data.draw(st.lists(st.integers(0, N - 1), min_size=1, max_size=N)))
    seed, epoch = data.draw(st.integers(0, 2**63 - 1)), data.draw(st.integers(1, 100))
    whole = changed(case.augmentation, given, np.arange(N), seed, epoch)[0]
    found = changed(case.augmentation, given, rows, seed, epoch)[0]
    np.testing.assert_array_equal(found, whole[rows])


@pytest.mark.parametrize("case", SIGNALS_STILL, ids=label)
def test_no_strength_changes_nothing(case: Case) -> None:
    always = case.augmentation.model_copy(update={"probability": 1.0})
    given = signals(case.channels)
    found = changed(always, given, np.arange(N))[0]
    np.testing.assert_allclose(found, given, atol=3e-6)


@every
def test_silence_stays_silent(case: Case) -> None:
    given = np.zeros((N, 600, case.channels), np.float32)
    assert not changed(case.augmentation, given, np.arange(N))[0].any()


@every
@pytest.mark.parametrize("length", [1, 2, 7])
def test_short_ones_are_taken(case: Case, length: int) -> None:
    found = changed(case.augmentation, signals(case.channels, length), np.arange(N))[0]
    assert found.shape == (N, length, case.channels) and np.isfinite(found).all()


@every
def test_images_and_tables_are_refused(case: Case) -> None:
    for shape in ((5,), (8, 8, 3)):
        with pytest.raises(ShapeError, match=r"waveforms|spectrograms"):
            case.augmentation.check(shape, "classification")
    case.augmentation.check((50, case.channels), "classification")


def test_a_rate_that_is_needed_and_unknown_is_said() -> None:
    needing = {case.augmentation.kind for case in SIGNALS}
    for case in SIGNALS:
        try:
            case.augmentation.bind(Setting())
            needing.discard(case.augmentation.kind)
        except ShapeError as fault:
            assert "needs the sample rate" in str(fault)
    assert needing == {
        *("background_noise", "band_pass", "high_pass", "impulse_response", "low_pass"),
        *("pitch_shift", "reverb", "time_stretch"),
    }


@every
@pytest.mark.parametrize("length", [1, 2, 3, 17])
@pytest.mark.parametrize("loudness", [0.0, 1e-20, 1e4, 1e18])
def test_series_of_any_length_and_loudness_stay_finite(
    case: Case, length: int, loudness: float
) -> None:
    given = signals(case.channels, length) * np.float32(loudness)
    for rows in (np.arange(N), np.array([3])):
        found, _ = changed(case.augmentation, given, rows)
        again, _ = changed(case.augmentation, given, rows)
        assert found.shape == given[rows].shape and found.dtype == np.float32
        assert np.isfinite(found).all()
        np.testing.assert_array_equal(found, again)
