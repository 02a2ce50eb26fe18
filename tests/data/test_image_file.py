"""Image files of all kinds against what Pillow reads of them, and against bytes written by hand."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps

from dlrun.arrays import Array
from dlrun.data.file_cache import FileError
from dlrun.data.image_file import ImageForm, Mode


def read(path: Path, mode: Mode = "grayscale") -> Array:
    return ImageForm(None, mode, "stretch").read(path)


def grey(path: Path) -> list[list[int]]:
    found: list[list[int]] = read(path)[..., 0].tolist()
    return found


def tiff(
    *pages: tuple[bytes, dict[int, int]], width: int = 2, height: int = 1, bits: int = 8
) -> bytes:
    """Grey pages of raw pixels byte by byte, each with further tags (TIFF 6.0, section 2)."""
    content = b"II*\0" + bytes(4)
    link = 4
    for raw, more in pages:
        place = len(content)
        content += raw + b"\0" * (len(raw) % 2)
        tags = {256: width, 257: height, 258: bits, 259: 1, 262: 1, 273: place, 277: 1}
        tags |= {278: height, 279: len(raw)} | more
        directory = len(content)
        content += struct.pack("<H", len(tags))
        for tag in sorted(tags):
            content += struct.pack("<HHII", tag, 4, 1, tags[tag])
        content = content[:link] + struct.pack("<I", directory) + content[link + 4 :]
        link = len(content)
        content += bytes(4)
    return content


def test_the_first_picture_of_a_camera_s_file_is_the_picture(tmp_path: Path) -> None:
    picture, preview = (Image.new("RGB", (4, 3), colour) for colour in ("gray", "red"))
    for name in ("a.JPG", "a.mpo"):
        picture.save(tmp_path / name, format="MPO", save_all=True, append_images=[preview])
        with Image.open(tmp_path / name) as image:
            assert image.format == "MPO" and image.n_frames == 2  # type: ignore[attr-defined]
        np.testing.assert_allclose(read(tmp_path / name, "rgb"), np.full((3, 4, 3), 128), atol=1)


def test_smaller_copies_in_a_tiff_are_not_pictures(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    first, other = (bytes([7, 200]), {}), bytes([1, 1])
    path.write_bytes(tiff(first, (other, {254: 1}), (other, {254: 4})))
    assert grey(path) == [[7, 200]]
    path.write_bytes(tiff(first, (other, {254: 1}), (other, {254: 2})))
    with pytest.raises(FileError, match="2 images in one file"):
        read(path)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"P5 2 1 65535\n\x33\0\xff\xff", [51, 255]),
        (b"P5 2 1 1023\n\1\0\3\xff", [64, 255]),
        (b"P5 2 1 100\n\x32\x64", [128, 255]),
        (b"P2 2 1 255\n7 200\n", [7, 200]),
    ],
)
def test_pgm_of_any_depth(tmp_path: Path, content: bytes, expected: list[int]) -> None:
    (tmp_path / "a.pgm").write_bytes(content)
    assert grey(tmp_path / "a.pgm") == [expected]


@pytest.mark.parametrize(
    ("raw", "bits", "tags", "expected"),
    [
        (bytes([0, 200]), 8, {}, [0, 200]),
        (bytes([0, 200]), 8, {262: 0}, [255, 55]),
        (struct.pack("<HH", 0x3300, 0xFFFF), 16, {}, [51, 255]),
        (struct.pack("<HH", 0x3300, 0xFFFF), 16, {262: 0}, [204, 0]),
        (bytes([0xFF, 0xF8, 0x00]), 12, {}, [255, 128]),
    ],
)
def test_tiff_of_any_depth(
    tmp_path: Path, raw: bytes, bits: int, tags: dict[int, int], expected: list[int]
) -> None:
    path = tmp_path / "a.tif"
    path.write_bytes(tiff((raw, tags), bits=bits))
    assert grey(path) == [expected]


@pytest.mark.parametrize(
    ("raw", "bits", "form", "says"),
    [
        (struct.pack("<hh", -5, 3000), 16, 2, "negative numbers; save it with 8 or 16 bits"),
        (struct.pack("<II", 5, 2**31), 32, 1, "32 bits a pixel; save it with 8 or 16 bits"),
        (struct.pack("<ff", 0.5, 1.0), 32, 3, "32 bits a pixel; save it with 8 or 16 bits"),
    ],
)
def test_numbers_without_a_white_are_refused(
    tmp_path: Path, raw: bytes, bits: int, form: int, says: str
) -> None:
    path = tmp_path / "a.tif"
    path.write_bytes(tiff((raw, {339: form}), bits=bits))
    with pytest.raises(FileError, match=says):
        read(path)


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
