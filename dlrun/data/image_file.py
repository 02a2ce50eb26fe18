"""Image files: from a file to pixels of a given size and mode."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from PIL import Image, ImageOps, TiffImagePlugin

from dlrun.arrays import Array, Shape
from dlrun.data.file_cache import FileError
from dlrun.data.input_file import open_file

SUFFIXES = frozenset(
    (
        *(".bmp", ".gif", ".jfif", ".jpe", ".jpeg", ".jpg", ".mpo", ".pgm", ".png", ".pnm"),
        *(".ppm", ".tif", ".tiff", ".webp"),
    )
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
            if (frames := _frames(image)) > 1:
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


_PAGE_KIND, _BITS, _PHOTOMETRIC = 254, 258, 262
"""Tags of TIFF."""
_LESSER = 0b101
"""Bits of the kind of a page that is a smaller copy of another one, or its mask."""


def _frames(image: Image.Image) -> int:
    """Pictures in a file, without those that go with the first one.

    A photo in the Multi-Picture Format has previews, a depth map or another eye's view with it;
    pages of a TIFF file may be smaller copies.
    """
    frames = int(getattr(image, "n_frames", 1))
    if image.format == "MPO":
        return 1
    if frames > 1 and isinstance(image, TiffImagePlugin.TiffImageFile):
        kinds = []
        for page in range(1, frames):
            image.seek(page)
            kinds.append(int(image.tag_v2.get(_PAGE_KIND, 0)))
        image.seek(0)
        return 1 + sum(not kind & _LESSER for kind in kinds)
    return frames


def _levels(image: Image.Image, file: Image.Image) -> Image.Image:
    """Grey levels of more than 8 bits as the highest 8 of them.

    Args:
        image: upright.
        file: as it was opened, which knows what the numbers mean.
    """
    bits, inverted = 16, False
    if isinstance(file, TiffImagePlugin.TiffImageFile):
        bits, inverted = max(file.tag_v2.get(_BITS, (16,))), file.tag_v2.get(_PHOTOMETRIC) == 0
    if image.mode == "F" or (image.mode == "I" and file.format != "PPM"):
        what = "negative numbers" if bits == 16 else "32 bits a pixel"
        raise FileError(f"{what}; save it with 8 or 16 bits and without a sign")
    found = np.asarray(image) >> (bits - 8)
    pixels = np.clip(found, 0, 255).astype(np.uint8)
    return Image.fromarray(255 - pixels if inverted else pixels)


def _plain(image: Image.Image, mode: Mode) -> Image.Image:
    """Upright, in 8 bits, and without transparency."""
    upright = ImageOps.exif_transpose(image)
    if upright.mode in ("I", "F") or upright.mode.startswith("I;16"):
        upright = _levels(upright, image)
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
