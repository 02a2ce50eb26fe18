"""Image files: from a file to pixels of a given size and mode."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from PIL import Image, ImageOps

from dlrun.arrays import Array, Shape
from dlrun.data.file_cache import FileError
from dlrun.data.input_file import open_file

SUFFIXES = frozenset(
    (".bmp", ".gif", ".jpeg", ".jpg", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp")
)
"""Ends of the names of files that are taken for images."""

_FORMATS = ("BMP", "GIF", "JPEG", "PNG", "PPM", "TIFF", "WEBP")

Mode = Literal["rgb", "grayscale"]
Fit = Literal["stretch", "crop", "pad"]


@dataclass(frozen=True, slots=True)
class ImageForm:
    """What images are brought to: (height, width, channels) uint8.

    Attributes:
        size: (height, width); None leaves them as they are.
        mode: their channels.
        fit: how they get there.
    """

    size: tuple[int, int] | None
    mode: Mode
    fit: Fit

    @property
    def name(self) -> str:
        """Images."""
        return "images"

    @property
    def decoders(self) -> tuple[str, ...]:
        """Pillow."""
        return ("pillow",)

    @property
    def dtype(self) -> np.dtype[np.generic]:
        """Values are 0 to 255."""
        return np.dtype(np.uint8)

    @property
    def channels(self) -> int:
        """How many."""
        return 3 if self.mode == "rgb" else 1

    @property
    def shape(self) -> Shape | None:
        """The size, and channels."""
        return None if self.size is None else (*self.size, self.channels)

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Within, images of absurdly many pixels are refused, on whatever thread they are read."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a broken file is named once, with what is wrong
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            yield

    def read(self, path: Path) -> Array:
        """Read a file.

        Raises:
            FileError: it is missing, broken, too large or no single image.
        """
        return _read(path, self)

    def differs(self, shape: Shape, others: Shape) -> str:
        """Both sizes."""
        own, theirs = (f"{each[1]} x {each[0]}" for each in (shape, others))
        return f"{own} pixels, others have {theirs}; give data.source a size"


def _read(path: Path, form: ImageForm) -> Array:
    try:
        with open_file(path) as file, Image.open(file, formats=_FORMATS) as image:
            frames = getattr(image, "n_frames", 1)
            if frames > 1:
                raise FileError(f"{frames} images in one file; save each as a file of its own")
            pixels = np.array(_formed(_plain(image, form.mode), form))
            return pixels.reshape(*pixels.shape[:2], form.channels)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise FileError(f"more than {Image.MAX_IMAGE_PIXELS:,} pixels; make it smaller") from error
    except OSError as error:
        raise FileError(_said(error)) from error
    except FileError:
        raise
    except Exception as error:  # decoders raise whatever broken bytes lead them to
        raise FileError(f"broken: {_said(error)}") from error


def _plain(image: Image.Image, mode: Mode) -> Image.Image:
    """Upright, in 8 bits, and without transparency."""
    upright = ImageOps.exif_transpose(image)
    if upright.mode.startswith("I;16"):
        upright = Image.fromarray((np.asarray(upright) >> 8).astype(np.uint8))
    elif upright.mode in ("I", "F"):
        raise FileError("32 bits a pixel; save it with 8 or 16")
    if upright.has_transparency_data:
        layer = upright.convert("RGBA")
        upright = Image.new("RGBA", layer.size, (0, 0, 0, 255))
        upright.alpha_composite(layer)
    return upright.convert("RGB" if mode == "rgb" else "L")


def _formed(image: Image.Image, form: ImageForm) -> Image.Image:
    if form.size is None or image.size == form.size[::-1]:
        return image
    size, method = form.size[::-1], Image.Resampling.BILINEAR
    match form.fit:
        case "stretch":
            return image.resize(size, method)
        case "crop":
            return ImageOps.fit(image, size, method)
        case "pad":
            return ImageOps.pad(image, size, method)


def _said(error: Exception) -> str:
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    if "cannot identify" in text:
        return "no image that can be read"
    return " ".join(text.split()) or type(error).__name__
