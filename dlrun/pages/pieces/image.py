"""Images as part of the page."""

from __future__ import annotations

import io

import numpy as np

from dlrun.arrays import Array
from dlrun.pages.markup import Html, data_address, tag

_SIDE = 160
"""Longest side of an image in pixels; a larger one is made smaller."""


def image(pixels: Array, label: str, class_: str | None = None) -> Html:
    """An image.

    Args:
        pixels: (height, width) or (height, width, 1, 3 or 4), from 0 to 1; others are clipped.
            The fourth channel is the opacity.
        label: its description.
        class_: of the element.
    """
    from PIL import Image

    shown = np.clip(np.nan_to_num(np.asarray(pixels, np.float32)), 0.0, 1.0)
    values = np.round(255 * shown).astype(np.uint8)
    picture = Image.fromarray(
        values[..., 0] if values.ndim == 3 and values.shape[2] == 1 else values
    )
    if class_ is None and max(picture.size) > _SIDE:
        picture.thumbnail((_SIDE, _SIDE))
    file = io.BytesIO()
    picture.save(file, "PNG", optimize=True)
    source = data_address("image/png", file.getvalue())
    return tag("img", src=source, alt=label, class_=class_, width=picture.width if class_ else None)


def sheet(tiles: Array, label: str, columns: int, zoom: int = 1) -> Html:
    """Many small images in one, with transparent gaps; so are values that are not finite.

    Args:
        tiles: (n, height, width) or (n, height, width, 3), from 0 to 1.
        label: its description.
        columns: images per row.
        zoom: pixels per value.
    """
    n, height, width = tiles.shape[:3]
    rows = -(-n // columns)
    gap = 1 if zoom == 1 else 3
    colors = tiles if tiles.ndim == 4 else np.repeat(tiles[..., None], 3, axis=3)
    large = np.repeat(np.repeat(colors, zoom, axis=1), zoom, axis=2)
    height, width = height * zoom, width * zoom
    whole = np.zeros((rows * (height + gap) - gap, columns * (width + gap) - gap, 4), np.float32)
    for place in range(n):
        top, left = (place // columns) * (height + gap), (place % columns) * (width + gap)
        tile = whole[top : top + height, left : left + width]
        tile[..., :3] = large[place]
        tile[..., 3] = np.isfinite(large[place]).all(axis=2)
    return image(whole, label, "sheet")


def stretched(values: Array) -> Array:
    """Each of (n, ...) arrays scaled to 0 to 1, with 0.5 for constant ones; NaN stays."""
    flat = values.reshape(len(values), -1).astype(np.float64)
    low, high = np.nanmin(flat, axis=1, keepdims=True), np.nanmax(flat, axis=1, keepdims=True)
    room = high - low
    scaled = np.where(room > 0, (flat - low) / np.where(room > 0, room, 1.0), 0.5 + 0.0 * flat)
    result: Array = scaled.reshape(values.shape)
    return result
