"""A sheet of images: originals in the first column, and versions of each to the right."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageDraw

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dlrun.arrays import Array

_LEAST = 64
"""Approximate length in pixels to which the shorter side of a small image is enlarged."""
_GAP = 4
_HEAD = 18
_LETTER, _LINE = 7, 12
"""Approximate width of a character and height of a line, in pixels."""
_LONGEST = 24
"""Maximum length of a name."""
_PAPER, _INK = (255, 255, 255), (60, 60, 60)


def contact_sheet(
    originals: Array, others: Array, names: Sequence[str] | None = None
) -> Image.Image:
    """The sheet of originals and their versions.

    Args:
        originals: (n, height, width, channels), values 0 to 1; 1 or 2 channels are shown in
            grey, the first three of more as red, green and blue.
        others: (n, columns, height, width, channels), versions of each.
        names: of the rows; None for none.
    """
    rows = np.concatenate((originals[:, None], others), axis=1)
    n, columns, height, width, _ = rows.shape
    scale = enlargement(height, width)
    wide, high = scale * width + _GAP, scale * height + _GAP
    said = [short(name) for name in names or ()]
    margin = _GAP + _LETTER * max(map(len, said)) if said else 0
    size = (margin + columns * wide + 2 * _GAP, _HEAD + n * high + _GAP)
    sheet = Image.new("RGB", size, _PAPER)
    pen = ImageDraw.Draw(sheet)
    shown = levels(rows)
    for column in range(columns):
        # A double gap separates the originals.
        left = margin + _GAP + column * wide + (_GAP if column else 0)
        pen.text((left, _GAP // 2), "original" if not column else f"epoch {column}", _INK)
        for row in range(n):
            image = Image.fromarray(shown[row, column])
            enlarged = image.resize((scale * width, scale * height), Image.Resampling.NEAREST)
            sheet.paste(enlarged, (left, _HEAD + row * high))
    for row, name in enumerate(said):
        pen.text((_GAP, _HEAD + row * high + (scale * height - _LINE) // 2), name, _INK)
    return sheet


def short(name: str) -> str:
    """A name on one line, cut if it is too long."""
    shown = "".join(each if each.isprintable() else " " for each in name)
    return shown if len(shown) <= _LONGEST else f"{shown[: _LONGEST - 3]}..."


def enlargement(height: int, width: int) -> int:
    """The factor by which small images are enlarged."""
    return max(1, round(_LEAST / min(height, width)))


def levels(images: Array) -> Array:
    """(..., channels) of 0 to 1 as (..., 3) uint8: grey for 1 or 2 channels, else the first 3."""
    shown = images[..., :3] if images.shape[-1] >= 3 else np.repeat(images[..., :1], 3, axis=-1)
    found: Array = np.rint(255 * np.clip(shown, 0, 1)).astype(np.uint8)
    return found
