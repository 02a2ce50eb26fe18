"""Padding of series stays padding, whatever augmentations do to the samples."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dlrun.arrays import Array
from dlrun.experiment.compile import compile_spec
from dlrun.training.augmented import augmented
from dlrun.training.session import Session

Spec = Callable[..., Path]
N, LENGTH = 12, 30
LENGTHS = np.arange(N) + 8


def series(folder: Path, value: float) -> None:
    x = np.random.default_rng(2).normal(5, 1, (N, LENGTH, 2))
    x[np.arange(LENGTH) >= LENGTHS[:, None]] = value
    np.savez(folder / "series.npz", x=x, y=np.arange(N) % 2)


def found(path: Path, epoch: int = 1) -> Array:
    """All samples as the network reads them."""
    compiled = compile_spec(path)
    make = augmented(compiled, Session(compiled).network)
    assert make is not None
    inputs = np.empty((N, LENGTH, 2), np.float32)
    targets = np.empty((N, *make.targets.shape[1:]), make.targets.dtype)
    make(epoch, np.arange(N), inputs, targets)
    return inputs


def written(spec: Spec, value: float, *augment: Any, **data: Any) -> Path:
    return spec(
        data={"source": {"npz": "series.npz"}, "split": {"validation": 0}, **data},
        augment=list(augment),
        model=[{"masking": {"value": value}}, "mean_over_time", {"dense": "${classes}"}],
        loss="cross_entropy",
        epochs=1,
    )


@pytest.mark.parametrize("value", [0.0, -1.0])
@pytest.mark.parametrize(
    "augment",
    [
        {"colored_noise": {"snr": 10.0}},
        "gain",
        {"clipping": {"level": 0.5, "probability": 1.0}},
        "spec_augment",
    ],
    ids=lambda each: each if isinstance(each, str) else next(iter(each)),
)
def test_padding_stays_where_it_is(spec: Spec, tmp_path: Path, value: float, augment: Any) -> None:
    series(tmp_path, value)
    inputs = found(written(spec, value, augment))
    valid = np.arange(LENGTH) < LENGTHS[:, None]
    np.testing.assert_array_equal(inputs[~valid], value)
    np.testing.assert_array_equal(np.any(inputs != value, axis=-1), valid)


@pytest.mark.parametrize("value", [0.0, -1.0])
@pytest.mark.parametrize(("wrap", "by"), [(False, 6), (False, -6), (True, 6)])
def test_padding_moves_with_a_series(
    spec: Spec, tmp_path: Path, value: float, wrap: bool, by: int
) -> None:
    series(tmp_path, value)
    distance = by / LENGTH
    shift = {"time_shift": {"distance": [distance, distance], "wrap": wrap}}
    inputs = found(written(spec, value, shift, "colored_noise"))
    steps = np.arange(LENGTH) - by
    before = steps % LENGTH if wrap else steps
    valid = (before >= 0) & (before < LENGTHS[:, None])
    np.testing.assert_array_equal(np.any(inputs != value, axis=-1), valid)


@pytest.mark.parametrize("factor", [0.8, 1.25])
def test_padding_is_stretched_with_a_series(spec: Spec, tmp_path: Path, factor: float) -> None:
    """About the centre, by speed; what is beside a faster one is padding, too."""
    series(tmp_path, 0.0)
    inputs = found(written(spec, 0.0, {"speed": {"factor": [factor, factor]}}))
    middle = (LENGTH - 1) / 2
    read = (np.arange(LENGTH) - middle) * factor + middle
    valid = (np.rint(read) >= 0) & (np.rint(read) < LENGTHS[:, None])
    same = np.any(inputs != 0, axis=-1) == valid
    assert same.mean() > 0.95  # a step halfway between two may be either
    assert (np.diff(np.any(inputs != 0, axis=-1).astype(int), axis=1) == -1).sum(axis=1).max() == 1


@pytest.mark.parametrize("value", [0.0, -1.0])
def test_a_mean_is_as_long_as_the_longer_one(spec: Spec, tmp_path: Path, value: float) -> None:
    series(tmp_path, value)
    inputs = found(written(spec, value, {"mixup": {"alpha": 1.0}}))
    lengths = np.any(inputs != value, axis=-1).sum(axis=1)
    assert set(lengths.tolist()) <= set(LENGTHS.tolist())
    assert (lengths >= LENGTHS).all()
    assert (lengths > LENGTHS).any()


def test_padding_is_known_as_preprocessing_leaves_it(spec: Spec, tmp_path: Path) -> None:
    series(tmp_path, -1.0)  # the least value of all, which min_max makes 0
    steps = np.arange(LENGTH)
    inputs = found(written(spec, 0.0, {"colored_noise": {"snr": 10.0}}, preprocess=["min_max"]))
    np.testing.assert_array_equal(inputs[steps >= LENGTHS[:, None]], 0.0)
    assert np.any(inputs != 0, axis=-1)[steps < LENGTHS[:, None]].all()


def test_noise_is_kept_where_nothing_is_masked(spec: Spec, tmp_path: Path) -> None:
    series(tmp_path, 0.0)
    path = spec(
        data={"source": {"npz": "series.npz"}, "split": {"validation": 0}},
        augment=["colored_noise"],
        model=["mean_over_time", {"dense": "${classes}"}],
        loss="cross_entropy",
        epochs=1,
    )
    assert (found(path) != 0).all()
