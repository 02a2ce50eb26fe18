"""Convolution with kernels of three taps across with half of the multiplications.

Winograd, "Arithmetic complexity of computations", 1980; Lavin & Gray, "Fast algorithms for
convolutional neural networks", CVPR 2016: F(4, 3).  Four adjacent results of a row are computed
from the six pixels that they depend on, by the transforms of ``winograd_transforms``.  Between the
transforms there are 6 multiplications instead of 12; for all channels and filters they are one
matrix multiplication per frequency, in which the rows of the kernel are still taps.

In float32 the results have about twice the relative error of plain sums of products, 4e-7 instead
of 2e-7; computing four by four results at once would have several times as much.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from dlrun.arrays import Array, Shape
from dlrun.nn.kernels.compiled.jit import kernel as compiled
from dlrun.nn.kernels.compiled.padded_rows import place_rows
from dlrun.nn.kernels.compiled.programs import (
    add_places,
    add_taps,
    in_whole_vectors,
    program,
    whole_vectors,
)
from dlrun.nn.kernels.compiled.tiles import PLACES, TAPS
from dlrun.nn.kernels.compiled.winograd_transforms import (
    PIXELS,
    TILE,
    frequencies_of_pixels,
    frequencies_of_slopes,
    frequencies_of_taps,
    results_of_frequencies,
    taps_of_frequencies,
)

_STRIP_BYTES = 256 * 1024
"""Memory for the frequencies of a strip of rows: a quarter of an L2 cache."""

_MOST = 256
"""Shapes whose programs are remembered."""


def pays(channels: int, filters: int) -> bool:
    """Whether the savings exceed the cost of the transforms: vectors must be well filled."""
    return min(channels, filters) >= 12


class _Strips(NamedTuple):
    """How images are divided into strips of rows, whose frequencies fit a cache.

    Attributes:
        strip: rows of a strip.
        rest: rows of the last strip; 0 if it is a whole one.
        tiles: of four places in a row.
        wide: channels in whole vectors.
        full: filters in whole vectors.
    """

    strip: int
    rest: int
    tiles: int
    wide: int
    full: int


@lru_cache(_MOST)
def _strips(dtype: np.dtype[Any], channels: int, y: Shape) -> _Strips:
    """Strips for results of a shape, (n, down, across, filters)."""
    _, down, across, filters = y
    wide, full = whole_vectors(channels, dtype), whole_vectors(filters, dtype)
    tiles = -(-across // TILE)
    row = PIXELS * tiles * (wide + full) * dtype.itemsize
    strip = min(down, max(8, _STRIP_BYTES // row))
    return _Strips(strip, down % strip, tiles, wide, full)


@lru_cache(_MOST)
def _lines(tall: int, channels: int, row: int) -> Array:
    """Offset of every row and channel of the taps in the frequencies of pixels, int64."""
    return np.add.outer(row * np.arange(tall), np.arange(channels)).reshape(-1)


def correlate(
    x: Array, taps: Array, bias: Array, y: Array, top: int, left: int, rectify: bool
) -> None:
    """y = x correlated with taps, plus bias, at every place.

    Args:
        x: (n, height, width, channels).
        taps: (rows, 3, channels, filters).
        bias: (filters,).
        y: (n, down, across, filters), written.
        top: zeros above x.
        left: zeros left of x.
        rectify: write max(y, 0) instead.
    """
    dtype, (tall, _, channels, _) = x.dtype, taps.shape
    strip, rest, tiles, wide, full = _strips(dtype, channels, y.shape)
    lines, width = strip + tall - 1, TILE * tiles + PIXELS - TILE
    _correlate(
        x,
        taps,
        in_whole_vectors(bias, full),
        y,
        top,
        left,
        rectify,
        np.zeros((lines, width, wide), dtype),
        np.empty((PIXELS, lines, tiles, wide), dtype),
        np.empty((PIXELS, strip, tiles, full), dtype),
        np.empty((PIXELS, tall, channels, full), dtype),
        _lines(tall, 1, tiles * wide),
        np.zeros(full, dtype),
        program(TAPS, dtype, strip * tiles, full),
        program(TAPS, dtype, rest * tiles, full),
    )


@compiled
def _correlate(
    x: Array,
    taps: Array,
    start: Array,
    y: Array,
    top: int,
    left: int,
    rectify: bool,
    padded: Array,
    seen: Array,
    sums: Array,
    weights: Array,
    offsets: Array,
    nothing: Array,
    program: Array,
    last_program: Array,
) -> None:
    count, height, width, channels = x.shape
    _, down, across, filters = y.shape
    lines, padded_width, wide = padded.shape
    _, strip, tiles, full = sums.shape
    tall = lines - strip + 1
    apart, sums_apart = lines * tiles * wide, strip * tiles * full
    frequencies_of_taps(taps, tall, channels, filters, weights, full)
    for image in range(count):
        for row in range(0, down, strip):
            rows = min(strip, down - row)
            calls = program if rows == strip else last_program
            place_rows(
                x,
                image,
                height,
                width,
                channels,
                row - top,
                left,
                padded,
                lines,
                padded_width,
                wide,
            )
            frequencies_of_pixels(padded, lines, tiles, wide, seen, apart)
            for frequency in range(PIXELS):
                add_taps(
                    seen,
                    frequency * apart,
                    0,
                    wide,
                    offsets,
                    0,
                    tall,
                    channels,
                    weights,
                    frequency * tall * channels * full,
                    full,
                    nothing,
                    0,
                    sums,
                    frequency * sums_apart,
                    0,
                    full,
                    1,
                    full,
                    False,
                    calls,
                    0,
                    calls.size,
                )
            results_of_frequencies(
                sums,
                sums_apart,
                start,
                y,
                (image * down + row) * across * filters,
                rows,
                across,
                filters,
                full,
                rectify,
            )


def kernel_gradient(x: Array, dy: Array, dtaps: Array, top: int, left: int) -> None:
    """dtaps, (rows, 3, channels, filters), written: the gradient of the taps of ``correlate``."""
    dtype, (tall, _, channels, _) = x.dtype, dtaps.shape
    strip, _, tiles, wide, full = _strips(dtype, channels, dy.shape)
    lines, width = strip + tall - 1, TILE * tiles + PIXELS - TILE
    _kernel_gradient(
        x,
        dy,
        dtaps,
        top,
        left,
        np.zeros((lines, width, wide), dtype),
        np.zeros((strip, TILE * tiles, full), dtype),
        np.empty((PIXELS, lines, tiles, wide), dtype),
        np.empty((PIXELS, strip, tiles, full), dtype),
        np.zeros((PIXELS, tall * channels, full), dtype),
        _lines(tall, channels, tiles * wide),
        program(PLACES, dtype, tall * channels, full),
    )


@compiled
def _kernel_gradient(
    x: Array,
    dy: Array,
    dtaps: Array,
    top: int,
    left: int,
    padded: Array,
    slopes: Array,
    seen: Array,
    meant: Array,
    gradient: Array,
    offsets: Array,
    program: Array,
) -> None:
    count, height, width, channels = x.shape
    _, down, across, filters = dy.shape
    lines, padded_width, wide = padded.shape
    strip, slopes_width, full = slopes.shape
    tall, tiles = lines - strip + 1, slopes_width // TILE
    apart, meant_apart = lines * tiles * wide, strip * tiles * full
    for image in range(count):
        for row in range(0, down, strip):
            rows = min(strip, down - row)
            place_rows(
                x,
                image,
                height,
                width,
                channels,
                row - top,
                left,
                padded,
                lines,
                padded_width,
                wide,
            )
            frequencies_of_pixels(padded, lines, tiles, wide, seen, apart)
            place_rows(dy, image, down, across, filters, row, 0, slopes, strip, slopes_width, full)
            frequencies_of_slopes(slopes, rows * tiles, full, meant, meant_apart)
            for frequency in range(PIXELS):
                add_places(
                    seen,
                    frequency * apart,
                    0,
                    wide,
                    offsets,
                    meant,
                    frequency * meant_apart,
                    0,
                    full,
                    1,
                    rows * tiles,
                    gradient,
                    frequency * tall * channels * full,
                    full,
                    full,
                    program,
                )
    taps_of_frequencies(gradient, full, dtaps, tall, channels, filters)
