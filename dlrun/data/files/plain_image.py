"""Images that Pillow has opened, as upright ones with 8 bits and without transparency."""

from __future__ import annotations

from typing import Literal

import numpy as np
from PIL import Image, ImageOps, TiffImagePlugin

from dlrun.data.files.form import FileError

Mode = Literal["rgb", "grayscale"]


_PAGE_KIND, _BITS, _PHOTOMETRIC = 254, 258, 262
"""Tags of TIFF."""


_LESSER = 0b101
"""Bits of the page kind: a smaller copy of another page, or its mask."""


def frames_in(image: Image.Image) -> int:
    """The number of images in a file, without those that belong to the first one.

    A photo in the Multi-Picture Format comes with previews, a depth map or a stereo view; pages of
    a TIFF file may be smaller copies.
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
    """Gray levels with more than 8 bits, reduced to the highest 8 bits.

    Args:
        image: upright.
        file: the image as it was opened, whose tags give the number of bits.
    """
    bits, inverted = 16, False
    if isinstance(file, TiffImagePlugin.TiffImageFile):
        bits, inverted = max(file.tag_v2.get(_BITS, (16,))), file.tag_v2.get(_PHOTOMETRIC) == 0
    if image.mode == "F" or (image.mode == "I" and file.format != "PPM"):
        what = "negative values" if bits == 16 else "32 bits per pixel"
        raise FileError(f"{what}; save it with 8 or 16 unsigned bits")
    levels = np.asarray(image) >> (bits - 8)
    pixels = np.clip(levels, 0, 255).astype(np.uint8)
    return Image.fromarray(255 - pixels if inverted else pixels)


def plain_image(image: Image.Image, mode: Mode) -> Image.Image:
    """Upright, in 8 bits, and without transparency."""
    upright = ImageOps.exif_transpose(image)
    if upright.mode in ("I", "F") or upright.mode.startswith("I;16"):
        upright = _levels(upright, image)
    if upright.has_transparency_data:
        layer = upright.convert("RGBA")
        upright = Image.new("RGBA", layer.size, (0, 0, 0, 255))
        upright.alpha_composite(layer)
    return upright.convert("RGB" if mode == "rgb" else "L")
