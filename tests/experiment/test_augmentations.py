"""What augmentations make of data of all kinds, from spec to accuracy."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dlrun.arrays import Array
from dlrun.errors import SpecError
from dlrun.experiment.compile import Compiled, compile_spec
from dlrun.training.augmented import augmented
from dlrun.training.events import RunEnded
from dlrun.training.session import Session
from dlrun.training.stop import Stop

Spec = Callable[..., Path]
RANDOM = np.random.default_rng(5)


def scores(path: Path) -> dict[str, float]:
    (ended,) = (
        each for each in Session(compile_spec(path)).run(Stop()) if isinstance(each, RunEnded)
    )
    return dict(ended.metrics)


def batch(compiled: Compiled, epoch: int = 1) -> tuple[Array, Array]:
    """All samples of the training part in an epoch, as the network reads them."""
    make = augmented(compiled, Session(compiled).network)
    assert make is not None
    n = len(compiled.data.train)
    inputs = np.empty((n, *compiled.data.sample_shape), np.float32)
    targets = np.empty((n, *make.targets.shape[1:]), make.targets.dtype)
    make(epoch, np.arange(n), inputs, targets)
    return inputs, targets


def images_of(folder: Path, kind: str) -> None:
    """Dark and bright images, in numbers of 60 to 129 that no type says the range of."""
    y = np.arange(200) % 2
    x = 60 + 60 * y[:, None, None, None] + RANDOM.integers(0, 10, (200, 8, 8, 1))
    np.savez(folder / "bright.npz", x=x.astype(kind), y=y)


BRIGHT: dict[str, Any] = {
    "data": {
        "source": {"npz": "bright.npz"},
        "split": {"validation": 0.25},
        "preprocess": ["standardize"],
    },
    "model": ["flatten", {"dense": "${classes}"}],
    "loss": "cross_entropy",
    "metrics": ["accuracy"],
    "epochs": 3,
}


@pytest.mark.parametrize("kind", ["i8", "i2", "f4", "f8", "u1", "u2"])
@pytest.mark.parametrize(
    "augment", ["noise", "color_jitter", "sharpen", "equalize", "rand_augment", "trivial_augment"]
)
def test_images_outside_0_to_1_are_learned(
    spec: Spec, tmp_path: Path, kind: str, augment: str
) -> None:
    images_of(tmp_path, kind)
    path = spec(**BRIGHT, augment=[augment])
    compiled = compile_spec(path)
    assert (compiled.setting.low, compiled.setting.high) == ((0, 1) if kind == "u1" else (60, 129))
    make = augmented(compiled, Session(compiled).network)
    assert make is not None
    found = make.samples(1, np.arange(150))
    assert compiled.setting.low <= found.min() < found.max() <= compiled.setting.high
    if augment in ("noise", "color_jitter", "sharpen"):
        assert scores(path)["validation.accuracy"] == 1.0


def test_a_range_that_is_measured_is_told(spec: Spec, tmp_path: Path) -> None:
    images_of(tmp_path, "i8")
    (note,) = compile_spec(spec(**BRIGHT, augment=["noise"])).notes
    assert note == (
        "augmentation of images: the values of samples range from 60 to 129, which are "
        "treated as 0 (black) and 1 (white)"
    )
    assert compile_spec(spec(**BRIGHT, augment=["mixup"])).notes == ()
    images_of(tmp_path, "u1")
    assert compile_spec(spec(**BRIGHT, augment=["noise"])).notes == ()


def pixels_of(folder: Path, y: str = "classes") -> Array:
    """Black and white pixels; the target says of each which it is."""
    mask = RANDOM.random((200, 8, 8, 1)) > 0.5
    targets = mask[..., 0].astype(int) if y == "classes" else mask.astype(np.float32)
    np.savez(folder / "seg.npz", x=(mask * 255).astype(np.uint8), y=targets)
    return mask


PIXELS: dict[str, Any] = {
    "data": {"source": {"npz": "seg.npz"}, "split": {"validation": 0.25}, "batch_size": 10},
    "model": [{"conv": {"filters": 2, "kernel": 1}}],
    "loss": "cross_entropy",
    "metrics": ["accuracy"],
    "optimizer": {"adam": {"lr": 0.1}},
    "epochs": 4,
}
MOVES = ["flip", "crop", "rotate", "cutmix", "translate", "rand_augment", "erase"]


@pytest.mark.parametrize("augment", MOVES)
def test_classes_of_pixels_are_learned(spec: Spec, tmp_path: Path, augment: str) -> None:
    pixels_of(tmp_path)
    strength = {} if augment in ("erase", "rand_augment") else {"probability": 1.0}
    path = spec(**PIXELS, augment=[{augment: strength}])
    assert scores(path)["validation.accuracy"] > 0.99
    inputs, targets = batch(compile_spec(path))
    assert targets.dtype == np.int64 and targets.shape == inputs.shape[:-1]
    if augment in ("flip", "crop", "cutmix"):
        np.testing.assert_array_equal(targets, inputs[..., 0] > 0.5)


def test_flipped_pixels_keep_a_training_accuracy_of_1(spec: Spec, tmp_path: Path) -> None:
    pixels_of(tmp_path)
    path = spec(**PIXELS, augment=[{"flip": {"probability": 1.0}}])
    assert scores(path)["validation.accuracy"] == 1.0


def test_pixels_from_beyond_the_border_have_a_class_that_is_told(
    spec: Spec, tmp_path: Path
) -> None:
    pixels_of(tmp_path)
    (note,) = compile_spec(spec(**PIXELS, augment=["flip", "crop", {"rotate": 5}])).notes
    areas = "areas that crop, rotate fill in from outside a sample"
    assert note == f"augmentation: {areas} have class '0'"
    edges = [{"crop": {"fill": "reflect"}}, "flip"]
    assert compile_spec(spec(**PIXELS, augment=edges)).notes == ()


def test_numbers_of_pixels_follow(spec: Spec, tmp_path: Path) -> None:
    pixels_of(tmp_path, "numbers")
    keys = PIXELS | {
        "model": [{"conv": {"filters": 1, "kernel": 1}}],
        "loss": "mse",
        "metrics": ["mae"],
    }
    augment: list[Any] = ["flip", {"rotate": 20}, "cutmix"]
    inputs, targets = batch(compile_spec(spec(**keys, augment=augment)))
    np.testing.assert_array_equal(inputs, targets)


def test_mixed_pixels_are_shares_of_classes(spec: Spec, tmp_path: Path) -> None:
    pixels_of(tmp_path)
    augment: list[Any] = [{"mixup": {"alpha": 1.0}}, "flip", "cutmix"]
    inputs, targets = batch(compile_spec(spec(**PIXELS, augment=augment)))
    np.testing.assert_allclose(targets[..., 1], inputs[..., 0], atol=1e-6)


@pytest.mark.parametrize("preprocess", [[], ["standardize"]])
def test_what_rebuilds_its_input_learns_to_undo_changes_of_values(
    spec: Spec, preprocess: list[str]
) -> None:
    data = {"source": "digits", "target": "input", "preprocess": preprocess}
    keys = {"data": data, "model": ["same"], "loss": "mse", "metrics": []}
    keys["model"] = [{"conv": {"filters": 1, "kernel": 1}}]
    flip = {"flip": {"probability": 1.0}}
    moved, same = batch(compile_spec(spec(**keys, augment=[flip])))
    np.testing.assert_array_equal(moved, same)
    noisy, clean = batch(compile_spec(spec(**keys, augment=[flip, {"noise": [0.2, 0.2]}])))
    np.testing.assert_array_equal(clean, moved)
    assert np.abs(noisy - clean).mean() > 0.05


def refused(path: Path) -> str:
    with pytest.raises(SpecError) as caught:
        compile_spec(path)
    (line,) = caught.value.faults
    return line


def test_targets_that_cannot_follow_are_refused_with_their_place(
    spec: Spec, tmp_path: Path
) -> None:
    x = RANDOM.random((40, 8, 8, 1)).astype(np.float32)
    np.savez(tmp_path / "seg.npz", x=x, y=RANDOM.integers(0, 2, (40, 4, 4)))
    half = [{"max_pool": 2}, {"conv": {"filters": 2, "kernel": 1}}]
    keys = PIXELS | {"model": half}
    assert len(batch(compile_spec(spec(**keys, augment=["noise"])))[0]) == 30
    for augment in ("flip", "cutmix", "trivial_augment"):
        line = refused(spec(**keys, augment=["noise", augment]))
        assert f"{augment} moves the content of samples, so targets must move" in line
        assert "the targets, 4 x 4, do not have the 8 x 8 pixels of the samples" in line
        assert line.startswith(str(tmp_path)) and ".yaml:" in line


def test_numbers_that_may_be_of_steps_are_refused(spec: Spec, tmp_path: Path) -> None:
    x = RANDOM.random((40, 12, 1)).astype(np.float32)
    np.savez(tmp_path / "seg.npz", x=x, y=x[..., 0])
    keys = PIXELS | {"model": ["flatten", {"dense": 12}], "loss": "mse", "metrics": []}
    line = refused(spec(**keys, augment=["time_shift"]))
    assert "store values per step as (samples, 12, 1)" in line
    assert compile_spec(spec(**keys, augment=["gain"])).setting.following is None


def test_categories_are_not_mixed(spec: Spec, tmp_path: Path) -> None:
    rows = [f"{n},{['red', 'blue', 'green'][n % 3]},{'ab'[n % 2]}" for n in range(30)]
    (tmp_path / "table.csv").write_text("size,colour,y\n" + "\n".join(rows) + "\n")
    data = {"source": {"csv": {"path": "table.csv", "target": "y"}}, "preprocess": ["one_hot"]}
    keys = PIXELS | {"data": data, "model": [{"dense": "${classes}"}]}
    line = refused(spec(**keys, augment=["mixup"]))
    assert "mixup mixes numbers, but these columns contain categories: colour" in line


def test_mixtures_of_large_numbers_keep_their_digits(spec: Spec, tmp_path: Path) -> None:
    """Weights of float32 that add up to 1.00000006 would move 1.7e9 by 100."""
    x = 1.7e9 + RANDOM.normal(size=(60, 4))
    np.savez(tmp_path / "large.npz", x=x, y=np.arange(60) % 2)
    data = {"source": {"npz": "large.npz"}, "split": {"validation": 0}}
    keys = PIXELS | {"model": [{"dense": "${classes}"}], "metrics": []}
    path = spec(**keys | {"data": data | {"preprocess": ["standardize"]}}, augment=["mixup"])
    found, _ = batch(compile_spec(path))
    z = (x - x.mean(axis=0)) / x.std(axis=0)
    assert (found >= z.min(axis=0) - 1e-5).all() and (found <= z.max(axis=0) + 1e-5).all()


def test_digits_that_augmentation_loses_are_told(spec: Spec, tmp_path: Path) -> None:
    data = {"source": {"npz": "large.npz"}, "preprocess": ["standardize"]}
    keys = PIXELS | {"data": data, "model": ["flatten", {"dense": "${classes}"}], "metrics": []}
    for offset, count in ((0, 0), (1.7e9, 1)):
        x = offset + RANDOM.normal(size=(60, 12, 2))
        np.savez(tmp_path / "large.npz", x=x, y=np.arange(60) % 2)
        assert not compile_spec(spec(**keys)).notes
        notes = compile_spec(spec(**keys, augment=["gain"])).notes
        assert [note.startswith("augmentation: samples are changed") for note in notes] == (
            [True] * count
        )
