"""Moves of pixels against Pillow and against what is exact."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from dlrun.arrays import Array
from dlrun.augment.draws import Draws
from dlrun.augment.images.crop import Crop
from dlrun.augment.images.flip import Flip
from dlrun.augment.images.geometric import Fill, Geometric, redraw
from dlrun.augment.images.perspective import Perspective, homography
from dlrun.augment.images.resized_crop import ResizedCrop
from dlrun.augment.images.rotate import Rotate
from dlrun.augment.images.shear import Shear
from dlrun.augment.images.translate import Translate
from dlrun.augment.images.zoom import Zoom
from dlrun.errors import ShapeError
from dlrun.nn.kernels import numpy_kernels

LOOPS = numpy_kernels().augment
PICTURE = np.random.default_rng(3).random((1, 24, 20, 1), dtype=np.float32)


def moved(augmentation: Geometric, images: Array = PICTURE, row: int = 0) -> Array:
    rows = np.arange(row, row + len(images))
    return augmentation.apply(images.copy(), Draws.of(1, 1, 0, rows), LOOPS)


def pillow(coefficients: Array) -> Array:
    """What Pillow makes of the picture; its coordinates are those of corners, not of centres."""
    size = (PICTURE.shape[2], PICTURE.shape[1])
    picture = Image.fromarray(PICTURE[0, ..., 0])
    half = np.array([[1, 0, 0.5], [0, 1, 0.5], [0, 0, 1]])
    theirs = half @ coefficients @ np.linalg.inv(half)
    theirs = (theirs / theirs[2, 2]).ravel()[:8]
    if theirs[6] == theirs[7] == 0:
        found = picture.transform(
            size, Image.Transform.AFFINE, theirs[:6], Image.Resampling.BILINEAR
        )
    else:
        found = picture.transform(
            size, Image.Transform.PERSPECTIVE, theirs, Image.Resampling.BILINEAR
        )
    return np.asarray(found)


def inner(coefficients: Array) -> Array:
    """Pixels whose four neighbours are all in the picture; beyond, conventions differ."""
    height, width = PICTURE.shape[1:3]
    columns, rows = np.meshgrid(np.arange(width), np.arange(height))
    x, y, s = (line[0] * columns + line[1] * rows + line[2] for line in coefficients)
    x, y = x / s, y / s
    return (x >= 0) & (x <= width - 1) & (y >= 0) & (y <= height - 1)


MOVES = [
    Rotate(degrees=(12.0, 12.0)),
    Rotate(degrees=(-100.0, -100.0)),
    Zoom(factor=(1.3, 1.3)),
    Zoom(factor=(0.7, 0.7)),
    Shear(degrees=(20.0, 20.0)),
    Shear(degrees=(20.0, 20.0), direction="vertical"),
    Translate(distance=0.3),
    Perspective(distortion=0.5),
    ResizedCrop(area=(0.4, 0.6)),
]


@pytest.mark.parametrize("augmentation", MOVES, ids=lambda each: each.kind)
def test_pixels_are_those_of_pillow(augmentation: Geometric) -> None:
    (inverse,) = augmentation.inverse(Draws.of(1, 1, 0, np.arange(1)), 24, 20)
    within = inner(inverse)
    assert within.sum() > 100
    ours = moved(augmentation)[0, ..., 0]
    np.testing.assert_allclose(ours[within], pillow(inverse)[within], atol=1e-4)


@pytest.mark.parametrize("degrees", [7.0, 45.0, -30.0])
def test_rotation_is_that_of_pillow(degrees: float) -> None:
    ours = moved(Rotate(degrees=(degrees, degrees)))[0, ..., 0]
    theirs = np.asarray(
        Image.fromarray(PICTURE[0, ..., 0]).rotate(degrees, Image.Resampling.BILINEAR)
    )
    within = theirs > 0
    close = np.isclose(ours, theirs, atol=1e-4)
    assert (close & within).sum() > 0.85 * within.sum()  # all but those along the border
    middle = (slice(8, 16), slice(7, 13))
    np.testing.assert_allclose(ours[middle], theirs[middle], atol=1e-4)


@pytest.mark.parametrize("direction", ["horizontal", "vertical"])
def test_flips_are_exact_and_undo_themselves(direction: str) -> None:
    flip = Flip(direction=direction, probability=1.0)
    once = moved(flip)
    axis = 2 if direction == "horizontal" else 1
    np.testing.assert_array_equal(once, np.flip(PICTURE, axis))
    np.testing.assert_array_equal(moved(flip, once), PICTURE)


@pytest.mark.parametrize(
    ("fill", "mode"), [(0.25, "constant"), ("edge", "edge"), ("reflect", "reflect")]
)
def test_a_crop_is_a_cut_out_of_the_padded_image(fill: Fill, mode: str) -> None:
    crop = Crop(padding=3, fill=fill)
    filled = {"constant_values": 0.25} if mode == "constant" else {}
    padded = np.pad(PICTURE[0], [(3, 3), (3, 3), (0, 0)], mode=mode, **filled)  # type: ignore[call-overload]
    places = set()
    for row in range(60):
        found = moved(crop, row=row)[0]
        matches = [
            (y, x)
            for y in range(7)
            for x in range(7)
            if np.array_equal(found, padded[y : y + 24, x : x + 20])
        ]
        assert len(matches) == 1
        places.add(matches[0])
    assert {y for y, _ in places} == {x for _, x in places} == set(range(7))


@pytest.mark.parametrize("fill", [0.25, "edge"])
def test_a_crop_that_leaves_nothing_of_an_image_is_refused(fill: Fill) -> None:
    Crop(padding=7, fill=fill).check((8, 9, 1), "classification")
    Crop(padding=20, fill="reflect").check((8, 9, 1), "classification")
    with pytest.raises(ShapeError, match="lower padding to 7 or less"):
        Crop(padding=8, fill=fill).check((8, 9, 1), "classification")


def test_quarter_turns_are_exact() -> None:
    square = np.random.default_rng(0).random((1, 9, 9, 2), dtype=np.float32)
    np.testing.assert_allclose(
        moved(Rotate(degrees=(90.0, 90.0)), square)[0], np.rot90(square[0]), atol=1e-6
    )


def test_zoom_enlarges_above_one() -> None:
    dot = np.zeros((1, 21, 21, 1), np.float32)
    dot[0, 6:15, 6:15] = 1.0
    assert moved(Zoom(factor=(2.0, 2.0)), dot).sum() == pytest.approx(18**2, rel=0.1)
    assert moved(Zoom(factor=(0.5, 0.5)), dot).sum() == pytest.approx(4.5**2, rel=0.3)


def test_four_points_go_where_they_should() -> None:
    random = np.random.default_rng(4)
    corners = np.array([(0.0, 0.0), (9, 0), (9, 7), (0, 7)])
    given = corners + random.uniform(-2, 2, (50, 4, 2))
    wanted = corners + random.uniform(-2, 2, (50, 4, 2))
    maps = homography(given, wanted)
    homogeneous = np.concatenate((given, np.ones((50, 4, 1))), axis=2)
    found = np.einsum("nij,npj->npi", maps, homogeneous)
    np.testing.assert_allclose(found[..., :2] / found[..., 2:], wanted, atol=1e-9)


def test_a_part_of_the_image_fills_it() -> None:
    """Whatever the part, it lies within the image, and so nothing of the outside is seen."""
    white = np.ones((40, 12, 15, 1), np.float32)
    found = moved(ResizedCrop(area=(0.1, 1.0), ratio=(0.3, 3.0), fill="edge"), white)
    np.testing.assert_array_equal(found, 1.0)
    inverse = ResizedCrop(area=(0.1, 1.0)).inverse(Draws.of(1, 1, 0, np.arange(200)), 12, 15)
    for axis, length in ((0, 15), (1, 12)):
        start = inverse[:, axis, 2] - inverse[:, axis, axis] / 2 + 0.5
        assert (start >= -1e-9).all()
        assert (start + inverse[:, axis, axis] * length <= length + 1e-9).all()


def test_a_map_with_a_horizon_gives_numbers() -> None:
    inverse = np.array([[[1.0, 0, 0], [0, 1, 0], [0.1, 0, -0.5]]])
    for fill in (0.5, "edge", "reflect"):
        found = redraw(PICTURE.copy(), inverse, fill, LOOPS)  # type: ignore[arg-type]
        assert np.isfinite(found).all() and 0 <= found.min() <= found.max() <= 1
