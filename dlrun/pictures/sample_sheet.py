"""A sheet of images in rows, with the name of each row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PIL import Image, ImageDraw

from dlrun.pictures.contact_sheet import enlargement, levels, short

if TYPE_CHECKING:
    from dlrun.arrays import Array

_GAP = 4
_LETTER, _LINE = 7, 12
"""Approximate width of a character and height of a line, in pixels."""
_PAPER, _INK = (255, 255, 255), (60, 60, 60)


def sample_sheet(rows: Mapping[str, Array]) -> Image.Image:
    """The sheet of named rows.

    Args:
        rows: images by name, (n, height, width, channels), values 0 to 1, all of one size; at
            least one row, with any number of images each.
    """
    names = {name: short(name) for name in rows}
    _, height, width, _ = next(iter(rows.values())).shape
    scale = enlargement(height, width)
    wide, high = scale * width + _GAP, scale * height + _GAP
    margin = _GAP + _LETTER * max(map(len, names.values()))
    columns = max(1, *(len(images) for images in rows.values()))
    sheet = Image.new("RGB", (margin + _GAP + columns * wide, _GAP + len(rows) * high), _PAPER)
    pen = ImageDraw.Draw(sheet)
    for number, (name, images) in enumerate(rows.items()):
        top = _GAP + number * high
        pen.text((_GAP, top + (scale * height - _LINE) // 2), names[name], _INK)
        for column, pixels in enumerate(levels(images)):
            enlarged = Image.fromarray(pixels).resize(
                (scale * width, scale * height), Image.Resampling.NEAREST
            )
            sheet.paste(enlarged, (margin + column * wide, top))
    return sheet
