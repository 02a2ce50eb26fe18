"""Image files of all kinds against what Pillow reads of them, and against bytes written by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from dlrun.arrays import Array
from dlrun.data.files.image_file import ImageForm
from dlrun.data.files.plain_image import Mode


def read(path: Path, mode: Mode = "grayscale") -> Array:
    return ImageForm(None, mode, "stretch").read(path)


FORMATS = {
    "png": ("1", "L", "LA", "P", "RGB", "RGBA", "I;16"),
    "bmp": ("1", "L", "P", "RGB"),
    "gif": ("L", "P"),
    "jpg": ("L", "RGB", "CMYK"),
    "tif": ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16"),
    "webp": ("RGB", "RGBA"),
    "ppm": ("1", "L", "RGB"),
}

files = st.fixed_dictionaries(
    {
        "kind": st.sampled_from([(end, mode) for end, modes in FORMATS.items() for mode in modes]),
        "size": st.tuples(st.integers(1, 20), st.integers(1, 20)),
        "turn": st.none() | st.integers(0, 9),
        "clear": st.none() | st.integers(0, 255),
        "seed": st.integers(0, 999),
        "mode": st.sampled_from(["rgb", "grayscale"]),
    }
)


def write(folder: Path, file: dict[str, Any]) -> Path:
    """A file of random pixels, which may say how it is turned and what is transparent."""
    end, mode = file["kind"]
    random = np.random.default_rng(file["seed"])
    width, height = file["size"]
    if mode == "I;16":
        image = Image.fromarray(random.integers(0, 65536, (height, width), dtype=np.uint16))
    elif mode == "P":
        image = Image.fromarray(random.integers(0, 256, (height, width), dtype=np.uint8), "L")
        image.putpalette(random.integers(0, 256, 768, dtype=np.uint8).tobytes())
    else:
        bands = len(Image.new(mode, (1, 1)).getbands())
        raw = random.integers(0, 256, (height, width, bands), dtype=np.uint8)
        layers = [Image.fromarray(np.ascontiguousarray(raw[..., each])) for each in range(bands)]
        image = Image.merge(mode, layers) if bands > 1 else layers[0].convert(mode)
    more: dict[str, Any] = {}
    if file["turn"] is not None and end in ("png", "jpg", "webp"):
        exif = Image.Exif()
        exif[0x0112] = file["turn"]
        more["exif"] = exif
    if file["clear"] is not None and mode == "P" and end in ("png", "gif"):
        more["transparency"] = file["clear"]
    path = folder / f"image.{end}"
    image.save(path, **more)
    return path


def second(path: Path, mode: str) -> Array:
    """The same file by plain steps, with numbers instead of Pillow's own composition."""
    with Image.open(path) as opened:
        image = ImageOps.exif_transpose(opened)
        if image.mode == "I;16":
            deep = np.asarray(image).astype(np.float64) / 256
            rgb, alpha = np.repeat(np.floor(deep)[..., None], 3, axis=-1), np.float64(1.0)
        else:
            see_through = np.asarray(image.convert("RGBA")).astype(np.float64)
            rgb, alpha = see_through[..., :3], see_through[..., 3:] / 255
            if image.mode == "CMYK":
                ink = np.asarray(image).astype(np.float64)
                rgb = (255 - ink[..., :3]) * (255 - ink[..., 3:]) / 255
    shown: Array = rgb * alpha
    if mode == "grayscale":
        return (shown @ np.array((0.299, 0.587, 0.114)))[..., None]
    return shown


def compare(folder: Path, file: dict[str, Any]) -> None:
    path = write(folder, file)
    expected = second(path, file["mode"])
    found = read(path, file["mode"])
    assert found.dtype == np.uint8 and found.shape == expected.shape
    np.testing.assert_allclose(found.astype(np.float64), expected, atol=1.5)


same_folder = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@same_folder
@example(
    file={
        "kind": ("png", "P"),
        "size": (20, 3),
        "turn": 6,
        "clear": 7,
        "seed": 0,
        "mode": "grayscale",
    }
)
@given(file=files)
def test_images_are_what_plain_steps_make_of_them(tmp_path: Path, file: dict[str, Any]) -> None:
    compare(tmp_path, file)


@pytest.mark.slow
@settings(parent=same_folder, max_examples=3000)
@given(file=files)
def test_many_images_are_what_plain_steps_make_of_them(
    tmp_path: Path, file: dict[str, Any]
) -> None:
    compare(tmp_path, file)
