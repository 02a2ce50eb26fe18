"""Changes of pixels against Pillow's, where it has them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageOps
from scipy.ndimage import gaussian_filter

from dlrun.arrays import Array
from dlrun.augment.augmentation import Augmentation
from dlrun.augment.draws import Draws
from dlrun.augment.images.blur import Blur
from dlrun.augment.images.color_jitter import ColorJitter, turned
from dlrun.augment.images.equalize import equalized
from dlrun.augment.images.erase import Erase
from dlrun.augment.images.grayscale import Grayscale
from dlrun.augment.images.noise import Noise
from dlrun.augment.images.pixels import LUMA
from dlrun.augment.images.posterize import posterized
from dlrun.augment.images.sharpen import sharpened
from dlrun.augment.images.solarize import solarized
from dlrun.errors import ShapeError
from dlrun.nn.kernels import numpy_kernels


def picture(channels: int) -> Array:
    """Smooth, so that enhancing it cuts little off, in 256 levels."""
    y, x, c = np.mgrid[:16, :13, :channels]
    wave = 0.5 + 0.25 * np.sin(0.5 * x + c) + 0.2 * np.cos(0.4 * y - 2 * c)
    return np.rint(255 * wave).astype(np.uint8)


def ours(levels: Array) -> Array:
    return (levels[None] / 255).astype(np.float32)


def as_image(levels: Array) -> Image.Image:
    return Image.fromarray(levels[..., 0] if levels.shape[-1] == 1 else levels)


def theirs(image: Image.Image) -> Array:
    found = np.asarray(image)
    return (found if found.ndim == 3 else found[..., None]) / 255


def apply(augmentation: Augmentation, images: Array) -> Array:
    draws = Draws.of(1, 1, 0, np.arange(len(images)))
    return augmentation.apply(images.copy(), draws, numpy_kernels().augment)


def only(**factors: float) -> ColorJitter:
    off = {"brightness": 0.0, "contrast": 0.0, "saturation": 0.0, "hue": 0.0}
    return ColorJitter(**off | {name: (value, value) for name, value in factors.items()})  # type: ignore[arg-type]


@pytest.mark.parametrize("factor", [0.4, 0.9, 1.2])
@pytest.mark.parametrize(
    ("name", "enhancer", "channels"),
    [
        ("brightness", ImageEnhance.Brightness, 1),
        ("brightness", ImageEnhance.Brightness, 3),
        ("contrast", ImageEnhance.Contrast, 1),
        ("contrast", ImageEnhance.Contrast, 3),
        ("saturation", ImageEnhance.Color, 3),
    ],
)
def test_light_and_colours_are_those_of_pillow(
    name: str, enhancer: Callable[[Image.Image], ImageEnhance.Color], channels: int, factor: float
) -> None:
    levels = picture(channels)
    found = apply(only(**{name: factor}), ours(levels))[0]
    # Pillow rounds its means and greys to whole levels, and cuts fractions off.
    np.testing.assert_allclose(found, theirs(enhancer(as_image(levels)).enhance(factor)), atol=0.01)


@pytest.mark.parametrize("factor", [0.0, 0.5, 1.7])
@pytest.mark.parametrize("channels", [1, 3])
def test_sharpness_is_that_of_pillow(channels: int, factor: float) -> None:
    levels = picture(channels)
    found = sharpened(ours(levels), np.array([factor]))[0]
    wanted = theirs(ImageEnhance.Sharpness(as_image(levels)).enhance(factor))
    np.testing.assert_allclose(found, wanted, atol=0.01)


@pytest.mark.parametrize("bits", [1, 3, 8])
def test_posterizing_is_that_of_pillow(bits: int) -> None:
    levels = picture(3)
    found = posterized(ours(levels), np.array([bits]))[0]
    np.testing.assert_allclose(found, theirs(ImageOps.posterize(as_image(levels), bits)), atol=1e-6)


def test_solarizing_is_that_of_pillow() -> None:
    levels = picture(3)
    found = solarized(ours(levels), np.array([128 / 255]))[0]
    np.testing.assert_allclose(found, theirs(ImageOps.solarize(as_image(levels), 128)), atol=1e-6)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("contrast", [1.0, 0.1])
def test_equalizing_is_that_of_pillow(channels: int, contrast: float) -> None:
    random = np.random.default_rng(2)
    noise = 60 * contrast * random.normal(size=(40, 35, channels)) + 100
    levels = np.clip(np.rint(noise), 0, 255).astype(np.uint8)
    found = equalized(ours(levels))[0]
    np.testing.assert_allclose(found, theirs(ImageOps.equalize(as_image(levels))), atol=1e-6)


def test_grey_is_that_of_pillow() -> None:
    levels = picture(3)
    found = apply(Grayscale(), ours(levels))[0]
    wanted = theirs(ImageOps.grayscale(as_image(levels)))
    np.testing.assert_allclose(found[..., :1], wanted, atol=0.005)
    assert np.all(found[..., :1] == found)


@pytest.mark.parametrize("sigma", [0.4, 1.0, 2.5])
def test_blur_is_a_gaussian(sigma: float) -> None:
    image = np.random.default_rng(0).random((1, 20, 17, 2), dtype=np.float32)
    found = apply(Blur(sigma=(sigma, sigma)), image)[0]
    wanted = gaussian_filter(
        image[0], sigma, mode="nearest", radius=int(np.ceil(3 * sigma)), axes=(0, 1)
    )
    np.testing.assert_allclose(found, wanted, atol=1e-6)


def test_a_turn_of_the_hue_keeps_brightness_and_greys() -> None:
    maps = turned(np.array([0.1, -0.3, 0.5]))
    np.testing.assert_allclose(maps @ np.ones(3), 1.0, atol=1e-3)  # the matrix has four digits
    colour = np.array([0.7, 0.2, 0.4])
    np.testing.assert_allclose((maps @ colour) @ LUMA, colour @ LUMA, atol=1e-9)
    # Three thirds of a turn are a whole one.
    third = turned(np.array([1 / 3]))[0]
    np.testing.assert_allclose(third @ third @ third, np.eye(3), atol=1e-9)


def test_noise_has_its_deviation() -> None:
    grey = np.full((50, 30, 30, 1), 0.5, np.float32)
    found = apply(Noise(deviation=(0.1, 0.1)), grey) - 0.5
    assert abs(found.std() - 0.1) < 5 * 0.1 / np.sqrt(2 * found.size)
    assert abs(found.mean()) < 5 * 0.1 / np.sqrt(found.size)


def test_a_hole_has_its_size_and_filling() -> None:
    white = np.ones((300, 40, 40, 3), np.float32)
    found = apply(Erase(area=0.1, ratio=(1.0, 1.0)), white)
    holes = (found == 0).all(axis=-1).sum(axis=(1, 2))
    side = round(np.sqrt(0.1) * 40)
    assert holes.max() == side**2  # where it lies within the image
    assert holes.min() >= (side // 2) ** 2
    means = apply(Erase(area=0.1, value="mean"), white * np.float32(0.25))
    np.testing.assert_allclose(means, 0.25)
    noise = apply(Erase(area=1.0, value="noise"), white)[..., 0]
    assert 0.3 < noise[(noise < 1).nonzero()].mean() < 0.7


def test_colours_need_three_channels() -> None:
    with pytest.raises(ShapeError, match="color_jitter needs images of 1 or 3 channels"):
        ColorJitter().check((8, 8, 2), "classification")
    with pytest.raises(ShapeError, match="grayscale needs images of 3 channels"):
        Grayscale().check((8, 8, 1), "classification")
    with pytest.raises(ShapeError, match=r"samples are 5$"):
        Blur().check((5,), "classification")
