"""The synthetic sources."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dlrun.data.sources.blobs import Blobs
from dlrun.data.sources.moons import Moons
from dlrun.data.sources.spirals import Spirals
from dlrun.errors import DataError

HERE = Path()
SOURCES = [Spirals(samples=101), Moons(samples=101), Blobs(samples=101)]


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.kind)
def test_form_and_repeatability(source):
    data, again, other = source.load(3, HERE), source.load(3, HERE), source.load(4, HERE)
    assert data.inputs.shape == (101, 2)
    assert data.inputs.dtype == np.float32
    assert data.targets.dtype == np.int64
    assert [column.name for column in data.columns] == ["x", "y"]
    np.testing.assert_array_equal(data.inputs, again.inputs)
    np.testing.assert_array_equal(data.targets, again.targets)
    assert (data.inputs != other.inputs).any()


@given(samples=st.integers(5, 200), classes=st.integers(2, 5))
def test_classes_are_of_equal_size(samples, classes):
    for source in (
        Spirals(samples=samples, classes=classes),
        Blobs(samples=samples, centers=classes),
    ):
        data = source.load(0, HERE)
        sizes = np.bincount(data.targets, minlength=classes)
        assert sizes.sum() == samples
        assert sizes.max() - sizes.min() <= 1
        assert data.classes == tuple(str(code) for code in range(classes))


def test_spirals_without_noise_lie_on_their_curve():
    data = Spirals(samples=300, noise=0.0, classes=3, turns=0.25).load(0, HERE)
    radius = np.hypot(*data.inputs.T)
    assert radius.min() == 0.0
    assert radius.max() == pytest.approx(1.0)
    away = radius > 0
    angle = np.arctan2(data.inputs[away, 1], data.inputs[away, 0])
    expected = 2 * np.pi * (0.25 * radius[away] + data.targets[away] / 3)
    np.testing.assert_allclose(np.cos(angle - expected), 1.0, atol=1e-5)


def test_moons_without_noise_lie_on_half_circles():
    data = Moons(samples=200, noise=0.0).load(0, HERE)
    upper, lower = data.inputs[data.targets == 0], data.inputs[data.targets == 1]
    np.testing.assert_allclose(np.hypot(*upper.T), 1.0, atol=1e-6)
    np.testing.assert_allclose(np.hypot(lower[:, 0] - 1, lower[:, 1] - 0.5), 1.0, atol=1e-6)
    assert upper[:, 1].min() > -1e-6
    assert lower[:, 1].max() < 0.5 + 1e-6


def test_blobs_scatter_by_their_noise():
    data = Blobs(samples=30_000, centers=3, noise=2.0).load(1, HERE)
    for code in range(3):
        blob = data.inputs[data.targets == code]
        np.testing.assert_allclose(blob.std(axis=0), 2.0, rtol=0.03)
        assert np.abs(blob.mean(axis=0)).max() < 10.2


def test_noise_moves_points_by_its_deviation():
    clean = Moons(samples=20_000, noise=0.0).load(0, HERE)
    noisy = Moons(samples=20_000, noise=0.3).load(0, HERE)
    np.testing.assert_allclose((noisy.inputs - clean.inputs).std(), 0.3, rtol=0.03)


def test_too_few_samples():
    with pytest.raises(DataError, match="2 samples are too few for 3 classes"):
        Blobs(samples=2).load(0, HERE)
