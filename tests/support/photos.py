"""Folders of small images, and their pixels as the source ``images`` reads them."""

from __future__ import annotations

import os
from pathlib import Path

from dlrun.data.dataset import Dataset
from dlrun.data.sources.images import Images


def photos(folder: Path, values: dict[str, int]) -> Path:
    """Images of one size in bytes, and of time 0, as some archives unpack them."""
    for name, value in values.items():
        file = folder / "photos" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"P5 3 2 255\n" + bytes([value] * 6))
        os.utime(file, (0, 0))
    return folder


def pixels(folder: Path) -> list[float]:
    return [round(255 * float(each.flat[0])) for each in load(folder).inputs[:]]


def load(folder: Path) -> Dataset:
    return Images(path="photos", mode="grayscale").load(0, folder)


def kept(cache: Path) -> Path:
    (found,) = cache.glob("*.npy")
    return found
