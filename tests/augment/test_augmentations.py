from __future__ import annotations

import inspect

import numpy as np
import pytest
import text_cases
from augmentation_cases import CASES, SIGNALS, STILL, Case
from hypothesis import given, settings
from hypothesis import strategies as st

from dlrun import catalog
from dlrun.arrays import Array
from dlrun.augment.augmentation import Augmentation, Mixing, Setting
from dlrun.augment.augmenter import Augmenter
from dlrun.nn.kernels import numpy_kernels

catalog.load()
N = 24


def images(channels: int, height: int = 11, width: int = 9) -> Array:
    return np.random.default_rng(7).random((N, height, width, channels), dtype=np.float32)


TARGETS = np.eye(3, dtype=np.float32)[np.arange(N) % 3]


def changed(
    augmentation: Augmentation, given: Array, rows: Array, seed: int = 1, epoch: int = 1
) -> tuple[Array, Array]:
    def read(at: Array) -> tuple[Array, Array]:
        return given[at], TARGETS[at]

    augmenter = Augmenter([augmentation], seed, read, N, numpy_kernels().augment)
    return augmenter(epoch, rows)


def label(case: Case) -> str:
    return f"{case.augmentation.kind}-{case.channels}"


every = pytest.mark.parametrize("case", CASES, ids=label)


def test_every_augmentation_has_a_case() -> None:
    covered = {case.augmentation.kind for case in (*CASES, *SIGNALS)}
    covered |= {case.kind for case in text_cases.CASES}
    ours = {
        name
        for name in Augmentation.family
        if inspect.getmodule(Augmentation.family[name]).__name__.startswith("dlrun.")  # type: ignore[union-attr]
    }
    assert ours == covered


@every
def test_shape_type_and_range_stay(case: Case) -> None:
    given = images(case.channels)
    for epoch in range(1, 6):
        found, targets = changed(case.augmentation, given, np.arange(N), epoch=epoch)
        assert found.shape == given.shape and found.dtype == np.float32
        assert found.min() >= 0.0 and found.max() <= 1.0 + 1e-6
        assert targets.shape == TARGETS.shape and targets.dtype == np.float32
        np.testing.assert_allclose(targets.sum(axis=1), 1.0, atol=1e-6)
        if case.augmentation.kind not in ("mixup", "cutmix"):
            np.testing.assert_array_equal(targets, TARGETS)


@every
def test_it_changes_something(case: Case) -> None:
    given = images(case.channels, 20, 18)
    assert np.any(changed(case.augmentation, given, np.arange(N))[0] != given)


@every
@settings(max_examples=10, deadline=None)
@given(data=st.data())
def test_a_sample_becomes_the_same_whatever_its_batch(case: Case, data: st.DataObject) -> None:
    given = images(case.channels)
    rows = np.array(data.draw(st.lists(st.integers(0, N - 1), min_size=1, max_size=N)))
    seed, epoch = data.draw(st.integers(0, 2**63 - 1)), data.draw(st.integers(1, 100))
    whole, whole_targets = changed(case.augmentation, given, np.arange(N), seed, epoch)
    found, targets = changed(case.augmentation, given, rows, seed, epoch)
    # Sums over an image may be taken in another order where a batch has one image.
    np.testing.assert_allclose(found, whole[rows], atol=1e-6)
    np.testing.assert_allclose(targets, whole_targets[rows], atol=1e-6)


@every
@pytest.mark.parametrize("size", [(1, 1), (2, 1), (1, 7)])
def test_tiny_images_are_taken(case: Case, size: tuple[int, int]) -> None:
    found = changed(case.augmentation, images(case.channels, *size), np.arange(N))[0]
    assert np.isfinite(found).all()


@pytest.mark.parametrize("case", STILL, ids=label)
def test_no_strength_changes_nothing(case: Case) -> None:
    given = images(case.channels)
    found = changed(case.augmentation, given, np.arange(N))[0]
    np.testing.assert_allclose(found, given, atol=1e-6)


@every
@pytest.mark.parametrize("value", [0.0, 1.0])
def test_images_of_one_value_stay_finite(case: Case, value: float) -> None:
    given = np.full((N, 8, 8, case.channels), value, np.float32)
    assert np.isfinite(changed(case.augmentation, given, np.arange(N))[0]).all()


@every
@pytest.mark.parametrize("low, high", [(0.0, 255.0), (-1.0, 1.0), (60.0, 138.0), (-2.1, 2.6)])
def test_images_of_any_range_are_changed_like_those_of_0_to_1(
    case: Case, low: float, high: float
) -> None:
    unit = images(case.channels, 20, 18)
    unit[0] = 0.0
    unit[1] = 1.0
    given = unit * np.float32(high - low) + np.float32(low)

    def read(at: Array) -> tuple[Array, Array]:
        return given[at], TARGETS[at]

    bounds = Setting(low=low, high=high)
    if isinstance(case.augmentation, Mixing):  # means and parts need no range
        bounds = Setting()
    loops = numpy_kernels().augment
    make = Augmenter([case.augmentation], 1, read, N, loops, setting=bounds)
    found, targets = make(2, np.arange(N))
    before = make.before_preprocess(2, np.arange(N))
    wanted, same = changed(case.augmentation, unit, np.arange(N), epoch=2)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(before, found)
    np.testing.assert_array_equal(targets, same)
    # A level of 256 may be the next one, where rounding decides.
    step = 1 / 255 if case.augmentation.kind in LEVELS else 0.0
    near = np.abs((found - low) / (high - low) - wanted) <= 1e-5 + step
    assert near.mean() > (0.99 if step else 0.999999)
    assert found.min() >= low - 1e-4 and found.max() <= high + 1e-4


LEVELS = ("equalize", "posterize", "solarize", "rand_augment", "trivial_augment")
