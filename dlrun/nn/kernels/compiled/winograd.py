"""Convolution of three taps across with half of the multiplications.

Four results next to one another in a row share most of what they see, six pixels d of a channel.
With the matrices B, G and A below, their sums of products with three taps g are A' [(G g) (B' d)],
where the product in the middle is elementwise: 6 multiplications in the place of 12.  It is done
for all channels and filters at once, as a product of matrices for each of the six, in which the
rows of the kernel stay taps.  The gradient of the taps is G' [(B' d) (A dy)], summed over places.

Winograd, "Arithmetic complexity of computations", 1980; Lavin & Gray, "Fast algorithms for
convolutional neural networks", CVPR 2016: F(4, 3).  In float32 its results are off by 3e-7 of
their size where sums of products are off by 1e-7; four by four results at once would be by 1e-6.

A *frequency* is one of the six, a *tile* four places in a row.  Arrays in this form are (frequency,
row, tile, channel), with channels and filters filled up with zeros to whole vectors.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numba.core import cgutils

from dlrun.arrays import Array
from dlrun.nn.kernels.compiled.jit import kernel as compiled
from dlrun.nn.kernels.compiled.tiles import add_places, add_taps
from dlrun.nn.kernels.compiled.vectors import I64, VECTOR_BYTES, Flat, Vectors, vector_code

_TILE, _PIXELS = 4, 6

_B = (  # transposed: frequencies of pixels
    (4, 0, -5, 0, 1, 0),
    (0, -4, -4, 1, 1, 0),
    (0, 4, -4, -1, 1, 0),
    (0, -2, -1, 2, 1, 0),
    (0, 2, -1, -2, 1, 0),
    (0, 4, 0, -5, 0, 1),
)
_G = np.array(  # frequencies of taps
    [
        (1 / 4, 0, 0),
        (-1 / 6, -1 / 6, -1 / 6),
        (-1 / 6, 1 / 6, -1 / 6),
        (1 / 24, 1 / 12, 1 / 6),
        (1 / 24, -1 / 12, 1 / 6),
        (0, 0, 1),
    ]
)
_A = (  # transposed: results of frequencies
    (1, 1, 1, 1, 1, 0),
    (0, 1, -1, 2, -2, 0),
    (0, 1, 1, 4, 4, 0),
    (0, 1, -1, 8, -8, 1),
)

_STRIP_BYTES = 256 * 1024
"""What the frequencies of a strip of rows should fit into: a quarter of an L2 cache."""


@compiled
def pays(channels: int, filters: int) -> bool:
    """Whether the products save more than the transforms cost: whole vectors are well filled."""
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
        left: zeros on its left.
        rectify: write max(y, 0) instead.
    """
    count, down, across, filters = y.shape
    tall, channels = taps.shape[0], x.shape[3]
    wide, full = _whole_vectors(channels, x.itemsize), _whole_vectors(filters, x.itemsize)
    weights = _frequencies_of_taps(taps, full)
    start, nothing = np.zeros(full, x.dtype), np.zeros(full, x.dtype)
    for f in range(filters):
        start[f] = bias[f]
    tiles = (across + _TILE - 1) // _TILE
    strip = _strip(down, tiles * (wide + full), x.itemsize)
    offsets = np.arange(tall) * tiles * wide
    padded = np.zeros((strip + tall - 1, _TILE * tiles + _PIXELS - _TILE, wide), x.dtype)
    apart, sums_apart = (strip + tall - 1) * tiles * wide, strip * tiles * full
    seen, sums = np.empty(_PIXELS * apart, x.dtype), np.empty(_PIXELS * sums_apart, x.dtype)
    results = y.reshape(-1)
    for image in range(count):
        for row in range(0, down, strip):
            rows = min(strip, down - row)
            _see(x[image], row - top, left, padded, seen, apart)
            for frequency in range(_PIXELS):
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
                    _results_of_frequencies(
                        sums,
                        (i * tiles + tile) * full,
                        sums_apart,
                        start,
                        results,
                        (place + _TILE * tile) * filters,
                        filters,
                        across - _TILE * tile,
                        rectify,
                    )


@compiled
def kernel_gradient(x: Array, dy: Array, dtaps: Array, top: int, left: int) -> None:
    """dtaps, (rows, 3, channels, filters), written: what dy means for the taps of ``correlate``."""
    count, down, across, filters = dy.shape
    tall, channels = dtaps.shape[0], x.shape[3]
    wide, full = _whole_vectors(channels, x.itemsize), _whole_vectors(filters, x.itemsize)
    tiles = (across + _TILE - 1) // _TILE
    strip = _strip(down, tiles * (wide + full), x.itemsize)
    offsets = np.empty(tall * channels, np.int64)
    for k in range(tall):
        for c in range(channels):
            offsets[k * channels + c] = k * tiles * wide + c
    padded = np.zeros((strip + tall - 1, _TILE * tiles + _PIXELS - _TILE, wide), x.dtype)
    slopes = np.zeros((strip, _TILE * tiles, full), x.dtype)
    apart, meant_apart = (strip + tall - 1) * tiles * wide, strip * tiles * full
    seen, meant = np.empty(_PIXELS * apart, x.dtype), np.empty(_PIXELS * meant_apart, x.dtype)
    gradient = np.zeros((_PIXELS, tall * channels, full), x.dtype)
    flat_slopes, flat_gradient = slopes.reshape(-1), gradient.reshape(-1)
    for image in range(count):
        for row in range(0, down, strip):
            rows = min(strip, down - row)
            _see(x[image], row - top, left, padded, seen, apart)
            place_rows(dy[image], row, 0, slopes)
            for place in range(rows * tiles):
                _frequencies_of_slopes(
                    flat_slopes, _TILE * place * full, full, meant, place * full, meant_apart
                )
            for frequency in range(_PIXELS):
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
    _taps_of_frequencies(gradient, dtaps)


@compiled
def place_rows(image: Array, first: int, left: int, padded: Array) -> None:
    """Copy rows of an image from ``first`` on into ``padded``, ``left`` pixels from its side.

    Rows above the image and below it are zeros; what lies on the sides stays as it is.
    """
    height, _, channels = image.shape
    width = min(image.shape[1], padded.shape[1] - left)
    zero = image.dtype.type(0)
    for i in range(padded.shape[0]):
        row = first + i
        if row < 0 or row >= height:
            for j in range(left, left + width):
                for k in range(channels):
                    padded[i, j, k] = zero
        elif channels == padded.shape[2]:  # a row of the image is one piece of memory
            source = image[row].reshape(-1)[: width * channels]
            target = padded[i].reshape(-1)[left * channels : (left + width) * channels]
            for k in range(source.size):
                target[k] = source[k]
        else:
            for j in range(width):
                pixel, place = image[row, j], padded[i, left + j]
                for k in range(channels):
                    place[k] = pixel[k]


@compiled
def _see(image: Array, first: int, left: int, padded: Array, seen: Array, apart: int) -> None:
    """The frequencies of the rows of an image that a strip of results sees."""
    rows, width, wide = padded.shape
    tiles = width // _TILE  # six pixels for the first four places, four more for each next
    place_rows(image, first, left, padded)
    pixels = padded.reshape(-1)
    for i in range(rows):
        for tile in range(tiles):
            _frequencies_of_pixels(
                pixels,
                (i * width + _TILE * tile) * wide,
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
    """Rows whose frequencies, of so many numbers a row, the cache holds."""
    return min(down, max(8, _STRIP_BYTES // (_PIXELS * numbers * itemsize)))


@compiled
def _frequencies_of_taps(taps: Array, full: int) -> Array:
    """G g for every row, channel and filter: (frequency, row, channel, filter)."""
    tall, _, channels, filters = taps.shape
    result = np.zeros((_PIXELS, tall, channels, full), taps.dtype)
    for n in range(_PIXELS):
        a, b, c = _G[n]
        left, middle, right = taps.dtype.type(a), taps.dtype.type(b), taps.dtype.type(c)
        for k in range(tall):
            for m in range(channels):
                g, target = taps[k, :, m], result[n, k, m]
                for f in range(filters):
                    target[f] = left * g[0, f] + middle * g[1, f] + right * g[2, f]
    return result


@compiled
def _taps_of_frequencies(gradient: Array, dtaps: Array) -> None:
    """dtaps = G' gradient."""
    tall, _, channels, filters = dtaps.shape
    for k in range(tall):
        for tap in range(3):
            for m in range(channels):
                target = dtaps[k, tap, m]
                for f in range(filters):
                    target[f] = dtaps.dtype.type(0)
                for n in range(_PIXELS):
                    weight, source = dtaps.dtype.type(_G[n, tap]), gradient[n, k * channels + m]
                    for f in range(filters):
                        target[f] += weight * source[f]


@vector_code
def _frequencies_of_pixels(
    v: Vectors, x: Flat, first: Any, step: Any, seen: Flat, seen_first: Any, apart: Any
) -> None:
    """B' d of the six pixels from ``first`` on, for all channels.

    Args:
        v: writes the code.
        x: pixels in a row, ``step`` apart.
        first: where the tile starts.
        step: numbers in a pixel, in whole vectors.
        seen: written, ``apart`` from one frequency to the next.
        seen_first: the tile in the first frequency.
        apart: numbers in a frequency.
    """
    _multiply(v, _B, v.moved(x.data, first), step, v.moved(seen.data, seen_first), apart)


@vector_code
def _frequencies_of_slopes(
    v: Vectors, x: Flat, first: Any, step: Any, seen: Flat, seen_first: Any, apart: Any
) -> None:
    """A dy of the four slopes from ``first`` on; see ``_frequencies_of_pixels``."""
    matrix = tuple(zip(*_A, strict=True))
    _multiply(v, matrix, v.moved(x.data, first), step, v.moved(seen.data, seen_first), apart)


def _multiply(
    v: Vectors, matrix: Sequence[Sequence[int]], source: Any, step: Any, target: Any, apart: Any
) -> None:
    """A matrix by the numbers that every channel has in the pixels behind ``source``."""
    zero, lanes = I64(0), I64(v.lanes)
    with cgutils.for_range_slice(v.builder, zero, step, lanes) as (channel, _):
        pixels = [v.load(source, channel, step, j) for j in range(len(matrix[0]))]
        for n, row in enumerate(matrix):
            v.store(v.combine(row, pixels), target, channel, apart, n)


@vector_code
def _results_of_frequencies(
    v: Vectors,
    sums: Flat,
    first: Any,
    apart: Any,
    start: Flat,
    y: Flat,
    y_first: Any,
    filters: Any,
    columns: Any,
    rectify: Any,
) -> None:
    """A' m + start, the four results of a tile, for all filters.

    Args:
        v: writes the code.
        sums: of products, ``apart`` from one frequency to the next.
        first: the tile in the first frequency.
        apart: numbers in a frequency.
        start: what is added to every filter, in whole vectors.
        y: written, places ``filters`` apart.
        y_first: the first result of the tile.
        filters: numbers in a place of y.
        columns: places from the tile's first to the end of the row; four of them at most.
        rectify: whether to write max(y, 0).
    """
    builder, zero, lanes = v.builder, I64(0), I64(v.lanes)
    source, target = v.moved(sums.data, first), v.moved(y.data, y_first)
    with cgutils.for_range_slice(builder, zero, filters, lanes) as (f, _):
        products = [v.load(source, f, apart, n) for n in range(_PIXELS)]
        mask = v.first(builder.sub(filters, f))
        begin = v.load(start.data, f)
        for i, row in enumerate(_A):
            with builder.if_then(builder.icmp_signed(">", columns, I64(i))):
                result = v.rectified(v.add(v.combine(row, products), begin), rectify)
                v.store_masked(result, mask, target, f, filters, i)
