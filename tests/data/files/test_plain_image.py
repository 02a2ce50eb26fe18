"""Image files of all kinds against what Pillow reads of them, and against bytes written by hand."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from dlrun.arrays import Array
from dlrun.data.files.form import FileError
from dlrun.data.files.image_file import ImageForm
from dlrun.data.files.plain_image import Mode


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
        (
            struct.pack("<hh", -5, 3000),
            16,
            2,
            "negative values; save it with 8 or 16 unsigned bits",
        ),
        (
            struct.pack("<II", 5, 2**31),
            32,
            1,
            "32 bits per pixel; save it with 8 or 16 unsigned bits",
        ),
        (
            struct.pack("<ff", 0.5, 1.0),
            32,
            3,
            "32 bits per pixel; save it with 8 or 16 unsigned bits",
        ),
    ],
)
def test_numbers_without_a_white_are_refused(
    tmp_path: Path, raw: bytes, bits: int, form: int, says: str
) -> None:
    path = tmp_path / "a.tif"
    path.write_bytes(tiff((raw, {339: form}), bits=bits))
    with pytest.raises(FileError, match=says):
        read(path)
