"""Targets of each pixel or step, and samples that are their own target, follow what moves."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import pytest
from augmentation_cases import CASES, SIGNALS, Case
from scipy.ndimage import affine_transform

from dlrun.arrays import Array, Shape
from dlrun.augment.audio.speed import Speed
from dlrun.augment.audio.time_shift import TimeShift
from dlrun.augment.audio.time_stretch import TimeStretch
from dlrun.augment.augmentation import Augmentation, Setting, mixes_shares
from dlrun.augment.augmenter import Augmenter
from dlrun.augment.following import Following, following
from dlrun.augment.images.crop import Crop
from dlrun.augment.images.flip import Flip
from dlrun.augment.images.noise import Noise
from dlrun.augment.images.rand_augment import RandAugment
from dlrun.augment.images.rotate import Rotate
from dlrun.augment.mixing.cutmix import Cutmix
from dlrun.augment.mixing.mixup import Mixup
from dlrun.errors import ShapeError
from dlrun.nn.kernels import numpy_kernels

N, HEIGHT, WIDTH, LENGTH = 20, 24, 18, 400
RANDOM = np.random.default_rng(3)
NOISES = [RANDOM.normal(size=size).astype(np.float32) for size in (90, 700)]


def setting(sample: Shape, kind: str) -> Setting:
    follow = Following(kind, sample)  # type: ignore[arg-type]
    return Setting(8000, lambda path, rate: NOISES, following=follow)


def changed(
    augmentations: list[Augmentation], samples: Array, targets: Array | None, kind: str
) -> tuple[Array, Array]:
    def read(rows: Array) -> tuple[Array, Array]:
        found = samples[rows]
        return found, found if targets is None else targets[rows]

    make = Augmenter(
        augmentations,
        11,
        read,
        len(samples),
        numpy_kernels().augment,
        setting=setting(samples.shape[1:], kind),
    )
    return make(1, np.arange(len(samples)))


def label(case: Case) -> str:
    return f"{case.augmentation.kind}-{case.channels}"


def blocks(channels: int) -> Array:
    """Images of black and white areas of at least 3 x 3 pixels, the same in all channels."""
    coarse = RANDOM.integers(0, 2, (N, HEIGHT // 3, WIDTH // 3, 1)).repeat(3, 1).repeat(3, 2)
    return np.tile(coarse, (1, 1, 1, channels)).astype(np.float32)


def sure(samples: Array) -> Array:
    """Pixels or steps that are black or white, not between two, in all channels."""
    extreme = (np.abs(samples) < 1e-3) | (np.abs(samples - 1) < 1e-3)
    return extreme.all(axis=-1) & (np.ptp(samples, axis=-1) < 1e-3)


MOVING = [case for case in CASES if case.augmentation.moves]
PURE = [case for case in MOVING if "augment" not in case.augmentation.kind]
"""Those that leave the values of what they move as they are."""


@pytest.mark.parametrize("case", PURE, ids=label)
def test_classes_of_pixels_follow(case: Case) -> None:
    """A class is whether the pixel is white; so it stays, wherever nothing was interpolated."""
    images = blocks(case.channels)
    classes = (images[..., 0] > 0.5).astype(np.int64)
    found, moved = changed([case.augmentation], images, classes, "classes")
    assert moved.dtype == np.int64 and moved.shape == classes.shape
    clear = sure(found)
    assert clear.mean() > 0.3 and np.any(moved != classes)
    np.testing.assert_array_equal(moved[clear], (found[..., 0] > 0.5)[clear])


@pytest.mark.parametrize("case", PURE, ids=label)
def test_numbers_of_pixels_are_interpolated_like_images(case: Case) -> None:
    images = RANDOM.random((N, HEIGHT, WIDTH, case.channels), dtype=np.float32)
    each = case.augmentation
    if isinstance(getattr(each, "fill", None), float):
        each = each.model_copy(update={"fill": 0.0})
    found, moved = changed([each], images, images.copy(), "numbers")
    np.testing.assert_array_equal(moved, found)


@pytest.mark.parametrize("case", [case for case in CASES if not case.augmentation.moves], ids=label)
@pytest.mark.parametrize("kind", ["classes", "numbers"])
def test_changes_of_values_leave_targets_alone(case: Case, kind: str) -> None:
    if isinstance(case.augmentation, Mixup):
        return
    images = blocks(case.channels)
    targets = images[..., 0] if kind == "numbers" else (images[..., 0] > 0.5).astype(np.int64)
    found, left = changed([case.augmentation], images, targets, kind)
    np.testing.assert_array_equal(left, targets)
    assert found.shape == images.shape


@pytest.mark.parametrize("case", CASES, ids=label)
def test_a_sample_that_is_its_own_target_is_moved_and_stays_clean(case: Case) -> None:
    images = RANDOM.random((N, HEIGHT, WIDTH, case.channels), dtype=np.float32)
    found, target = changed([case.augmentation], images, None, "input")
    if case in PURE or isinstance(case.augmentation, Mixup):
        np.testing.assert_array_equal(target, found)
    elif case.augmentation.moves:  # those that draw both kinds of operations
        assert np.any(target != found) and np.any(target != images)
    else:
        np.testing.assert_array_equal(target, images)
        assert np.any(found != images)


def test_policies_move_targets_by_their_moves_alone() -> None:
    """Among all operations that may be drawn, those of values leave the target as it is."""
    images = blocks(1)
    classes = (images[..., 0] > 0.5).astype(np.int64)
    policy = RandAugment(operations=1, magnitude=15.0, fill="edge")
    found, moved = changed([policy], images, classes, "classes")
    clear = sure(found)
    # Solarize makes white of black; everything else leaves light what is light.
    right = [
        (moved[n] == (found[n, ..., 0] > 0.5))[clear[n]].all()
        or np.array_equal(moved[n], classes[n])
        for n in range(N)
    ]
    assert all(right)
    assert 0 < sum(np.any(moved[n] != classes[n]) for n in range(N)) < N


def test_a_clean_target_follows_moves_on_both_sides_of_a_change_of_values() -> None:
    images = RANDOM.random((N, HEIGHT, WIDTH, 1), dtype=np.float32)
    noisy = [Flip(probability=1.0), Noise(deviation=0.3), Crop(padding=2)]
    found, target = changed(noisy, images, None, "input")
    still = [Flip(probability=1.0), Noise(deviation=0.0), Crop(padding=2)]
    clean, _ = changed(still, images, None, "input")
    np.testing.assert_array_equal(target, clean)
    assert 0.05 < np.abs(found - clean).mean() < 0.3


def test_turned_classes_are_those_of_scipy() -> None:
    """Against ``affine_transform`` of order 0, which takes the nearest pixel as well."""
    classes = RANDOM.integers(0, 5, (N, 15, 15))
    images = RANDOM.random((N, 15, 15, 1), dtype=np.float32)
    _, moved = changed([Rotate(degrees=(25.0, 25.0))], images, classes, "classes")
    angle = np.radians(25.0)
    matrix = np.array(((np.cos(angle), np.sin(angle)), (-np.sin(angle), np.cos(angle))))
    offset = np.array((7.0, 7.0)) - matrix @ np.array((7.0, 7.0))
    place = np.moveaxis(np.indices((15, 15)), 0, -1) @ matrix.T + offset
    inside = ((place > 0) & (place < 14)).all(axis=-1)
    outside = ((place < -0.5) | (place > 14.5)).any(axis=-1)
    assert inside.sum() > 150 and outside.sum() > 10
    for n in range(N):
        expected = affine_transform(classes[n], matrix, offset, order=0, mode="constant", cval=0)
        np.testing.assert_array_equal(moved[n][inside], expected[inside])
        assert not moved[n][outside].any()


@pytest.mark.parametrize("border", ["edge", "reflect"])
def test_classes_beyond_a_border_are_those_of_the_pixels_there(border: str) -> None:
    classes = RANDOM.integers(0, 5, (N, HEIGHT, WIDTH))
    images = classes[..., None].astype(np.float32)
    found, moved = changed([Crop(padding=4, fill=border)], images, classes, "classes")
    np.testing.assert_array_equal(moved, found[..., 0])


def test_shares_of_pixels_follow_as_classes_do() -> None:
    classes = RANDOM.integers(0, 3, (N, HEIGHT, WIDTH))
    images = RANDOM.random((N, HEIGHT, WIDTH, 1), dtype=np.float32)
    turn: list[Augmentation] = [Rotate(degrees=(40.0, 40.0)), Crop(padding=3)]
    _, codes = changed(turn, images, classes, "classes")
    _, shares = changed(turn, images, np.eye(3, dtype=np.float32)[classes], "classes")
    np.testing.assert_array_equal(shares, np.eye(3)[codes])
    assert mixes_shares(Mixup(), None) and mixes_shares(Cutmix(), None)
    assert not mixes_shares(Cutmix(), Following("classes", (8, 8, 1)))


def steps(channels: int) -> Array:
    """Series of stretches of at least 40 steps of 0 or 1."""
    coarse = RANDOM.integers(0, 2, (N, LENGTH // 40, 1)).repeat(40, 1)
    return np.tile(coarse, (1, 1, channels)).astype(np.float32)


TIMES = [
    TimeShift(distance=0.3),
    TimeShift(distance=0.5, wrap=True),
    Speed(factor=0.4),
    Speed(factor=(0.5, 2.0)),
    TimeStretch(factor=(0.5, 2.0)),
]


@pytest.mark.parametrize("each", TIMES, ids=lambda each: each.kind)
def test_classes_of_steps_follow(each: Augmentation) -> None:
    classes = steps(1)[..., 0].astype(np.int64)
    # A slow wave, which a vocoder plays like any other sound, is where the class is 1.
    wave = np.sin(np.arange(LENGTH) * 0.7)[:, None] if isinstance(each, TimeStretch) else 1.0
    found, moved = changed(
        [each], (classes[..., None] * wave).astype(np.float32), classes, "classes"
    )
    assert moved.dtype == np.int64 and np.any(moved != classes)
    reach = 200 if isinstance(each, TimeStretch) else 3  # half of the vocoder's frame
    loud = np.abs(found[..., 0])
    kernel = np.ones(9) / 9
    for n in range(N):
        level = np.convolve(loud[n], kernel, "same")
        flat = np.array(
            [np.ptp(moved[n, max(0, t - reach) : t + reach + 1]) == 0 for t in range(LENGTH)]
        )
        assert np.all((level > 0.3)[flat] == (moved[n] == 1)[flat])


@pytest.mark.parametrize("each", TIMES[:4], ids=lambda each: each.kind)
def test_numbers_of_steps_are_moved_like_samples(each: Augmentation) -> None:
    series = RANDOM.normal(size=(N, LENGTH, 2)).astype(np.float32)
    found, moved = changed([each], series, series.copy(), "numbers")
    np.testing.assert_array_equal(moved, found)


def test_numbers_of_stretched_steps_lie_on_lines_about_the_centre() -> None:
    ramp = np.tile(np.arange(LENGTH, dtype=np.float32)[:, None], (N, 1, 1))
    _, moved = changed([TimeStretch(factor=(0.5, 0.5))], ramp, ramp.copy(), "numbers")
    middle = (LENGTH - 1) / 2
    expected = middle + (np.arange(LENGTH) - middle) * 0.5
    np.testing.assert_allclose(moved[0, :, 0], expected, rtol=1e-6)


@pytest.mark.parametrize("case", SIGNALS, ids=label)
def test_series_that_are_their_own_target_stay_clean(case: Case) -> None:
    series = RANDOM.normal(size=(N, LENGTH, case.channels)).astype(np.float32)
    found, target = changed([case.augmentation], series, None, "input")
    if case.augmentation.moves:
        np.testing.assert_array_equal(target, found)
    else:
        np.testing.assert_array_equal(target, series)
        assert np.any(found != series)


def test_only_moves_that_are_known_have_to_be_followed() -> None:
    """A new augmentation that moves has to say how targets follow."""

    class Turned(Augmentation):
        """Moves."""

        kind: ClassVar = "turned"
        moves: ClassVar = True

    with pytest.raises(NotImplementedError):
        changed([Turned()], blocks(1), blocks(1)[..., 0], "numbers")


@pytest.mark.parametrize(
    "sample, target, task, found",
    [
        ((8, 6, 3), (), "classification", None),
        ((8, 6, 3), (5,), "multi_label", None),
        ((8, 6, 3), (4,), "regression", None),
        ((8, 6, 3), (5,), "classification", None),
        ((8, 6, 3), (8, 6), "classification", "classes"),
        ((8, 6, 3), (8, 6, 1), "regression", "numbers"),
        ((50, 2), (50,), "classification", "classes"),
        ((50, 2), (50, 4), "regression", "numbers"),
        ((50, 2), (3,), "regression", None),
        ((1, 2), (1,), "regression", None),
        ((50,), (50,), "regression", None),
        ((), (7,), "classification", None),
    ],
)
def test_which_targets_belong_to_places(
    sample: Shape, target: Shape, task: str, found: str | None
) -> None:
    follow = following(sample, target, task)
    assert (follow and follow.kind) == found


@pytest.mark.parametrize(
    "sample, target, task",
    [
        ((8, 6, 3), (4, 3), "classification"),
        ((8, 6, 3), (6, 8), "regression"),
        ((8, 6, 3), (6,), "classification"),
        ((50, 2), (25,), "classification"),
        ((50, 2), (25, 1), "regression"),
        ((50, 2), (50,), "regression"),
    ],
)
def test_targets_that_may_belong_to_places_and_cannot_follow(
    sample: Shape, target: Shape, task: str
) -> None:
    with pytest.raises(ShapeError, match="targets"):
        following(sample, target, task)
