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
from dlrun.data.files.form import FileError
from dlrun.data.files.input_file import open_file
from dlrun.data.files.plain_image import Mode, frames_in, plain_image

SUFFIXES = frozenset(
    (
        *(".bmp", ".gif", ".jfif", ".jpe", ".jpeg", ".jpg", ".mpo", ".pgm", ".png", ".pnm"),
        *(".ppm", ".tif", ".tiff", ".webp"),
    )
)
"""Endings of files that are read as images."""

_FORMATS = ("BMP", "GIF", "JPEG", "PNG", "PPM", "TIFF", "WEBP")

Fit = Literal["stretch", "crop", "pad"]


@dataclass(frozen=True, slots=True)
class ImageForm:
    """What images are decoded to: (height, width, channels) uint8.

    Attributes:
        size: (height, width); None keeps the size of the files.
        mode: color or grayscale.
        fit: how images of other proportions are resized.
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
    def key(self) -> str:
        """The size."""
        return "size"

    @property
    def dtype(self) -> np.dtype[np.generic]:
        """Values are 0 to 255."""
        return np.dtype(np.uint8)

    @property
    def channels(self) -> int:
        """The number of channels."""
        return 3 if self.mode == "rgb" else 1

    @property
    def shape(self) -> Shape | None:
        """Height, width and channels."""
        return None if self.size is None else (*self.size, self.channels)

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """In this context, images with far too many pixels are refused in all threads."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a broken file is reported once, as an error
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            yield

    def read(self, path: Path) -> Array:
        """Read a file.

        Raises:
            FileError: it is missing, broken, too large or not a single image.
        """
        return _read(path, self)

    def differs(self, shape: Shape, others: Shape) -> str:
        """Both sizes."""
        own, theirs = (f"{size[1]} x {size[0]}" for size in (shape, others))
        return f"{own} pixels, others have {theirs}; set data.source.size"


def _read(path: Path, form: ImageForm) -> Array:
    try:
        with open_file(path) as file, Image.open(file, formats=_FORMATS) as image:
            if (frames := frames_in(image)) > 1:
                raise FileError(f"{frames} images in one file; save each in a separate file")
            pixels = np.array(_formed(plain_image(image, form.mode), form))
            return pixels.reshape(*pixels.shape[:2], form.channels)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise FileError(f"more than {Image.MAX_IMAGE_PIXELS:,} pixels; make it smaller") from error
    except OSError as error:
        raise FileError(_reason(error)) from error
    except FileError:
        raise
    except Exception as error:  # decoders raise any exception on broken bytes
        raise FileError(f"broken: {_reason(error)}") from error


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


def _reason(error: Exception) -> str:
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    if "cannot identify" in text:
        return "not an image that can be read"
    return " ".join(text.split()) or type(error).__name__
