"""The outputs of all layers of a network for one sample."""

from __future__ import annotations

import numpy as np

from dlrun.arrays import Array
from dlrun.data.dataset import Dataset
from dlrun.nn.engine.network import Network
from dlrun.nn.engine.plan import Plan
from dlrun.nn.engine.probe import Probe
from dlrun.nn.graph.builder import Node
from dlrun.nn.parallel.threads import Work
from dlrun.pages.markup import Html, tag
from dlrun.pages.pieces.image import sheet, stretched
from dlrun.pages.pieces.table import Cell, table
from dlrun.pages.section import Piece, Section, grid, note

_CHANNELS = 16
"""Maximum number of channels of an activation."""


_PICTURES = 12
"""Maximum number of layers whose activations are shown as images."""


_ROW = 64
"""Values per row of a vector that is shown as an image."""


_SIDE = 96
"""Longest side of a shown array."""


class _Watch(Probe):
    """Keeps the output of every node for the first sample."""

    def __init__(self) -> None:
        self.seen: dict[str, Array] = {}

    def output(self, node: Node, values: Array, work: Work) -> Work:
        def watched() -> None:
            work()
            self.seen[node.name] = np.array(values[0], np.float64)

        return watched


def activations(network: Network, sample: Array) -> dict[str, Array]:
    """The output of every layer for one sample, in evaluation mode.

    Args:
        network: with its weights.
        sample: (*sample shape), preprocessed.
    """
    watch = _Watch()
    plan = Plan(
        network.graph,
        network.parameters,
        1,
        training=False,
        kernels=network.kernels,
        pool=network.pool,
        probe=watch,
    )
    plan.input[0] = sample
    plan.forward()
    return watch.seen


def activations_section(network: Network, data: Dataset, row: int, what: str) -> Section:
    """Statistics of the layers' outputs for one sample, and some of them as images.

    Args:
        network: with its weights.
        data: preprocessed samples.
        row: of the sample in ``data``.
        what: names the sample.
    """
    found = activations(network, np.asarray(data.inputs[row : row + 1])[0])
    rows: list[list[Cell]] = []
    pictures: list[Piece] = []
    for name, values in found.items():
        shape = " x ".join(map(str, values.shape)) or "1"
        zeros = 100 * float(np.mean(values == 0))
        rows.append([name, shape, float(values.mean()), float(values.std()), zeros])
        if len(pictures) < _PICTURES and values.size > 1 and np.isfinite(values).all():
            pictures.append(_figure(name, shape, values))
    header = ["layer", "shape", "mean", "standard deviation", "% zero"]
    text = f"Outputs of the layers for {what}, in evaluation mode. Fused layers are one row."
    statistics = table(header, rows)
    return Section(
        "activations", "Activations of one sample", [note(text), statistics, grid(pictures)]
    )


def _figure(name: str, shape: str, values: Array) -> Piece:
    caption = tag("figcaption", [tag("span", name), tag("small", shape)])
    return Piece(tag("figure", [caption, _picture(name, values)]))


def _picture(name: str, values: Array) -> Html:
    label = f"activations of {name}"
    if values.ndim == 3:
        tiles = np.moveaxis(values, 2, 0)[:_CHANNELS]
        step = -(-max(tiles.shape[1:]) // _SIDE)
        tiles = tiles[:, ::step, ::step]
        zoom = max(1, 44 // max(tiles.shape[1:]))
        return sheet(_common(tiles), label, min(8, len(tiles)), zoom)
    flat = values if values.ndim == 2 else _folded(values.reshape(-1))
    step = -(-max(flat.shape) // 256)
    flat = flat[::step, ::step]
    return sheet(_common(flat[None]), label, 1, max(1, min(14, 360 // max(flat.shape))))


def _folded(values: Array) -> Array:
    """A vector as rows, the last one filled with NaN."""
    rows = -(-len(values) // _ROW)
    if rows == 1:
        return values[None]
    filled = np.full(rows * _ROW, np.nan)
    filled[: len(values)] = values
    return filled.reshape(rows, _ROW)


def _common(tiles: Array) -> Array:
    """Tiles scaled to 0 to 1, all by the same range."""
    scaled: Array = stretched(tiles[None])[0]
    return scaled
