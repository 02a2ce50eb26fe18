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

import numpy as np

from dlrun.arrays import Array
from dlrun.nn.kernels.compiled.jit import kernel as compiled
from dlrun.nn.kernels.compiled.padded_rows import place_rows
from dlrun.nn.kernels.compiled.tiles import add_places, add_taps
from dlrun.nn.kernels.compiled.vectors import VECTOR_BYTES
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


@compiled
def pays(channels: int, filters: int) -> bool:
    """Whether the savings exceed the cost of the transforms: vectors must be well filled."""
    return min(channels, filters) >= 12


@compiled
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
    count, down, across, filters = y.shape
    tall, channels = taps.shape[0], x.shape[3]
    wide, full = _whole_vectors(channels, x.itemsize), _whole_vectors(filters, x.itemsize)
    weights = frequencies_of_taps(taps, full)
    start, nothing = np.zeros(full, x.dtype), np.zeros(full, x.dtype)
    for f in range(filters):
        start[f] = bias[f]
    tiles = (across + TILE - 1) // TILE
    strip = _strip(down, tiles * (wide + full), x.itemsize)
    offsets = np.arange(tall) * tiles * wide
    padded = np.zeros((strip + tall - 1, TILE * tiles + PIXELS - TILE, wide), x.dtype)
    apart, sums_apart = (strip + tall - 1) * tiles * wide, strip * tiles * full
    seen, sums = np.empty(PIXELS * apart, x.dtype), np.empty(PIXELS * sums_apart, x.dtype)
    results = y.reshape(-1)
    for image in range(count):
        for row in range(0, down, strip):
            rows = min(strip, down - row)
            _transform_rows(x[image], row - top, left, padded, seen, apart)
            for frequency in range(PIXELS):
                add_taps(
                    seen,
                    frequency * apart,
                    0,
                    wide,
                    offsets,
                    weights[frequency],
                    nothing,
                    sums,
                    frequency * sums_apart,
                    0,
                    full,
                    1,
                    rows * tiles,
                    full,
                    False,
                )
            for i in range(rows):
                place = (image * down + row + i) * across
                for tile in range(tiles):
                    results_of_frequencies(
                        sums,
                        (i * tiles + tile) * full,
                        sums_apart,
                        start,
                        results,
                        (place + TILE * tile) * filters,
                        filters,
                        across - TILE * tile,
                        rectify,
                    )


@compiled
def kernel_gradient(x: Array, dy: Array, dtaps: Array, top: int, left: int) -> None:
    """dtaps, (rows, 3, channels, filters), written: the gradient of the taps of ``correlate``."""
    count, down, across, filters = dy.shape
    tall, channels = dtaps.shape[0], x.shape[3]
    wide, full = _whole_vectors(channels, x.itemsize), _whole_vectors(filters, x.itemsize)
    tiles = (across + TILE - 1) // TILE
    strip = _strip(down, tiles * (wide + full), x.itemsize)
    offsets = np.empty(tall * channels, np.int64)
    for k in range(tall):
        for c in range(channels):
            offsets[k * channels + c] = k * tiles * wide + c
    padded = np.zeros((strip + tall - 1, TILE * tiles + PIXELS - TILE, wide), x.dtype)
    slopes = np.zeros((strip, TILE * tiles, full), x.dtype)
    apart, meant_apart = (strip + tall - 1) * tiles * wide, strip * tiles * full
    seen, meant = np.empty(PIXELS * apart, x.dtype), np.empty(PIXELS * meant_apart, x.dtype)
    gradient = np.zeros((PIXELS, tall * channels, full), x.dtype)
    flat_slopes, flat_gradient = slopes.reshape(-1), gradient.reshape(-1)
    for image in range(count):
        for row in range(0, down, strip):
            rows = min(strip, down - row)
            _transform_rows(x[image], row - top, left, padded, seen, apart)
            place_rows(dy[image], row, 0, slopes)
            for place in range(rows * tiles):
                frequencies_of_slopes(
                    flat_slopes, TILE * place * full, full, meant, place * full, meant_apart
                )
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
                    flat_gradient,
                    frequency * tall * channels * full,
                    full,
                    full,
                )
    taps_of_frequencies(gradient, dtaps)


@compiled
def _transform_rows(
    image: Array, first: int, left: int, padded: Array, seen: Array, apart: int
) -> None:
    """Transform the rows of an image that a strip of results depends on."""
    rows, width, wide = padded.shape
    tiles = width // TILE  # six pixels for the first tile, four more for each further one
    place_rows(image, first, left, padded)
    pixels = padded.reshape(-1)
    for i in range(rows):
        for tile in range(tiles):
            frequencies_of_pixels(
                pixels,
                (i * width + TILE * tile) * wide,
                wide,
                seen,
                (i * tiles + tile) * wide,
                apart,
            )


@compiled
def _whole_vectors(numbers: int, itemsize: int) -> int:
    lanes = VECTOR_BYTES // itemsize
    return (numbers + lanes - 1) // lanes * lanes


@compiled
def _strip(down: int, numbers: int, itemsize: int) -> int:
    """Number of rows whose frequencies, of so many elements per row, fit the cache."""
    return min(down, max(8, _STRIP_BYTES // (PIXELS * numbers * itemsize)))
