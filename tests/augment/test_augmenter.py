from __future__ import annotations

from typing import ClassVar

import numpy as np
import pytest

from dlrun.arrays import Array
from dlrun.augment.augmentation import Augmentation, Mixing
from dlrun.augment.augmenter import Augmenter
from dlrun.augment.draws import Draws
from dlrun.augment.images.crop import Crop
from dlrun.augment.images.flip import Flip
from dlrun.augment.images.rotate import Rotate
from dlrun.augment.kernels import Kernels
from dlrun.nn.kernels import numpy_kernels

IMAGES = np.random.default_rng(0).random((40, 7, 9, 3), dtype=np.float32)
TARGETS = np.eye(4, dtype=np.float32)[np.arange(40) % 4]


class Brighten(Augmentation):
    """Adds a number."""

    kind: ClassVar = "brighten"

    def apply(self, samples: Array, draws: Draws, kernels: Kernels) -> Array:
        samples += draws.uniform().astype(np.float32)[:, None, None, None]
        return samples


class Blend(Mixing):
    """The mean of both."""

    kind: ClassVar = "blend"

    def mix(
        self, samples: Array, targets: Array, others: Array, others_targets: Array, draws: Draws
    ) -> tuple[Array, Array]:
        return (samples + others) / 2, (targets + others_targets) / 2


def read(rows: Array) -> tuple[Array, Array]:
    return IMAGES[rows], TARGETS[rows]


def augmenter(*augmentations: Augmentation, seed: int = 5) -> Augmenter:
    return Augmenter(augmentations, seed, read, len(IMAGES), numpy_kernels().augment)


SEVERAL = (Rotate(), Brighten(probability=0.5), Blend(probability=0.7), Flip(), Crop(), Blend())


def test_a_sample_becomes_the_same_in_any_batch() -> None:
    make = augmenter(*SEVERAL)
    images, targets = make(3, np.arange(40))
    order = np.random.default_rng(1).permutation(40)
    for size in (1, 7, 40):
        for start in range(0, 40, size):
            rows = order[start : start + size]
            some, some_targets = make(3, rows)
            np.testing.assert_array_equal(some, images[rows])
            np.testing.assert_array_equal(some_targets, targets[rows])
    assert images.dtype == targets.dtype == np.float32


@pytest.mark.parametrize("epoch, seed", [(4, 5), (3, 6)])
def test_another_epoch_or_seed_gives_others(epoch: int, seed: int) -> None:
    rows = np.arange(40)
    first, other = augmenter(*SEVERAL)(3, rows)[0], augmenter(*SEVERAL, seed=seed)(epoch, rows)[0]
    assert all(np.any(a != b) for a, b in zip(first, other, strict=True))


def test_what_is_read_stays_as_it_is() -> None:
    before = IMAGES.copy()
    augmenter(*SEVERAL)(1, np.arange(40))
    np.testing.assert_array_equal(IMAGES, before)


def test_nothing_is_changed_with_no_augmentation_or_no_probability() -> None:
    rows = np.array([3, 1, 2])
    for make in (augmenter(), augmenter(*(type(each)(probability=0.0) for each in SEVERAL))):
        np.testing.assert_array_equal(make(1, rows)[0], IMAGES[rows])
        np.testing.assert_array_equal(make(1, rows)[1], TARGETS[rows])


def test_probability_is_the_share_that_is_changed() -> None:
    make = augmenter(Brighten(probability=0.3))
    changed = sum(
        int(np.any(make(epoch, np.arange(40))[0] != IMAGES, axis=(1, 2, 3)).sum())
        for epoch in range(1, 51)
    )
    assert abs(changed - 600) < 5 * np.sqrt(2000 * 0.3 * 0.7)


def test_an_augmentation_draws_by_its_position() -> None:
    rows = np.arange(40)
    once, twice = augmenter(Brighten()), augmenter(Brighten(), Brighten())
    first = once(1, rows)[0] - IMAGES
    second = twice(1, rows)[0] - once(1, rows)[0]
    assert not np.any(np.isclose(first, second))


def test_moves_in_a_row_are_one_interpolation() -> None:
    """A turn and its opposite leave the image alone, which two interpolations would not."""
    there, back = Rotate(degrees=(30.0, 30.0)), Rotate(degrees=(-30.0, -30.0))
    found = augmenter(there, back)(1, np.arange(40))[0]
    np.testing.assert_allclose(found, IMAGES, atol=1e-5)
    # What lies beyond the border is not the same for both: they cannot be composed.
    apart = augmenter(there, back.model_copy(update={"fill": "edge"}))(1, np.arange(40))[0]
    assert np.abs(apart - IMAGES).max() > 0.1


def test_moves_are_composed_in_their_order() -> None:
    turn, mirror = Rotate(degrees=(90.0, 90.0)), Flip(probability=1.0)
    square = np.ascontiguousarray(IMAGES[:, :, :7])
    make = Augmenter(
        (turn, mirror), 0, lambda rows: (square[rows], rows), 40, numpy_kernels().augment
    )
    expected = np.rot90(square, axes=(1, 2))[:, :, ::-1]
    np.testing.assert_allclose(make(1, np.arange(40))[0], expected, atol=1e-6)


def test_others_to_mix_with_come_through_the_same_steps() -> None:
    make, plain = augmenter(Brighten(), Blend()), augmenter(Brighten())
    before, mixed = plain(2, np.arange(40))[0], make(2, np.arange(40))[0]
    for row in range(40):
        partners = (before[row] + before) / 2
        assert np.isclose(partners, mixed[row]).all(axis=(1, 2, 3)).any()


def test_a_row_is_changed_anew_at_each_visit() -> None:
    make = augmenter(*SEVERAL)
    first, targets = make(3, np.arange(40))
    again, more = make(3, np.arange(40) + 40)
    assert (np.abs(again - first).max(axis=(1, 2, 3)) > 0).mean() > 0.9
    assert targets.shape == more.shape
    plain, unchanged = augmenter()(3, np.arange(40) + 80)
    np.testing.assert_array_equal(plain, IMAGES)
    np.testing.assert_array_equal(unchanged, TARGETS)
