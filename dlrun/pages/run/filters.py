"""The filters of the first layer of a network."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from dlrun.arrays import Array
from dlrun.nn.engine.network import Network
from dlrun.pages.markup import tag
from dlrun.pages.pieces.image import sheet, stretched
from dlrun.pages.section import Piece, Section, missing, note

_TILES = 64
"""Maximum number of filters."""


_SIDE = 96
"""Longest side of a shown array."""


def filters_section(network: Network) -> Section:
    """The filters of the first layer with weights that are filters."""
    name, kernel = _first_kernel(network.parameters.named())
    if kernel is None:
        return missing("filters", "First layer", "The network has no layer with a kernel.")
    shape = " x ".join(map(str, kernel.shape))
    tiles, what = _tiles(kernel, network.graph.input.shape)
    shown = tiles[:_TILES]
    zoom = max(1, 40 // max(shown.shape[1:3]))
    columns = min(len(shown), 16 if shown.shape[2] * zoom <= 60 else 4)
    picture = sheet(stretched(shown), f"filters of {name}", columns, zoom)
    text = f"{name}, {shape}: {what}. Each is scaled to its own range, from black to white."
    if len(tiles) > len(shown):
        text += f" The first {len(shown)} of {len(tiles)}."
    return Section("filters", "First layer", [note(text), Piece(tag("p", picture))])


def _first_kernel(named: Mapping[str, Array]) -> tuple[str, Array | None]:
    for name, values in named.items():
        if name.endswith(".kernel") and values.ndim in (2, 3, 4):
            return name, values
    return "", None


def _tiles(kernel: Array, sample: tuple[int, ...]) -> tuple[Array, str]:
    """Filters as (n, height, width) or (n, height, width, 3), and what they are."""
    if kernel.ndim == 4:
        moved = np.moveaxis(kernel, 3, 0)
        if moved.shape[3] == 3:
            return moved, "one tile per filter, in colours"
        several = moved.shape[3] > 1
        what = "one tile per filter" + (", mean of its channels" if several else "")
        return moved.mean(axis=3), what
    if kernel.ndim == 3:
        return np.moveaxis(kernel, 2, 0), "one tile per filter; rows are steps, columns channels"
    if len(sample) == 3 and kernel.shape[0] == int(np.prod(sample)):
        images = kernel.T.reshape(-1, *sample)
        if sample[2] == 3:
            return images, "one tile per unit, in the shape of a sample"
        return images.mean(axis=3), "one tile per unit, in the shape of a sample"
    return kernel.T[None, :_SIDE, :_SIDE], f"rows are units, columns inputs, up to {_SIDE} of each"
