"""Images copied into a frame of zeros."""

from __future__ import annotations

from typing import Any

from numba.core import cgutils

from dlrun.nn.kernels.compiled.vectors import I64, Flat, Vectors, vector_code


@vector_code
def clear(v: Vectors, array: Flat) -> None:
    """Set all elements of an array to 0."""
    v.clear(array.data, array.length)


@vector_code
def place_rows(
    v: Vectors,
    images: Flat,
    image: Any,
    height: Any,
    width: Any,
    channels: Any,
    first: Any,
    left: Any,
    padded: Flat,
    rows: Any,
    padded_width: Any,
    padded_channels: Any,
) -> None:
    """Copy rows of an image from ``first`` on into ``padded``, ``left`` pixels from its left side.

    Rows above the image and below it become zeros; the columns at both sides are not changed.

    Args:
        v: writes the code.
        images: (n, height, width, channels).
        image: index of the image.
        height: see there.
        width: see there.
        channels: see there.
        first: row of the image, which may be outside of it.
        left: pixels of ``padded`` at the left that are not changed.
        padded: (rows, padded_width, padded_channels); further channels are not changed.
        rows: see there.
        padded_width: see there.
        padded_channels: see there.
    """
    b = v.builder
    line = b.mul(width, channels)
    wide = v.larger(v.smaller(width, b.sub(padded_width, left)), I64(0))
    source = v.moved(images.data, b.mul(b.mul(image, height), line))
    target = v.moved(padded.data, b.mul(left, padded_channels))
    target_line = b.mul(padded_width, padded_channels)
    same = b.icmp_signed("==", channels, padded_channels)
    with cgutils.for_range(b, rows) as place:
        row = b.add(first, place.index)
        to = v.moved(target, b.mul(place.index, target_line))
        with b.if_else(v.between(I64(0), row, height)) as (inside, outside):
            with inside:
                from_ = v.moved(source, b.mul(row, line))
                with b.if_else(same) as (contiguous, apart):
                    with contiguous:
                        v.copy(from_, to, b.mul(wide, channels))
                    with apart:
                        _copy_pixels(v, from_, channels, to, padded_channels, wide)
            with outside:
                v.clear(to, b.mul(wide, padded_channels))


def _copy_pixels(v: Vectors, source: Any, step: Any, target: Any, to_step: Any, count: Any) -> None:
    """Copy ``count`` pixels of ``step`` elements to places ``to_step`` apart."""
    b = v.builder
    with cgutils.for_range(b, count) as pixel:
        from_ = v.moved(source, b.mul(pixel.index, step))
        to = v.moved(target, b.mul(pixel.index, to_step))
        with cgutils.for_range_slice(b, I64(0), step, I64(v.lanes)) as (channel, _):
            mask = v.first(b.sub(step, channel))
            v.store_masked(v.load_masked(mask, from_, channel), mask, to, channel)
