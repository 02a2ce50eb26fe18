"""Images copied into a frame of zeros."""

from __future__ import annotations

from dlrun.arrays import Array
from dlrun.nn.kernels.compiled.jit import kernel as compiled


@compiled
def place_rows(image: Array, first: int, left: int, padded: Array) -> None:
    """Copy rows of an image from ``first`` on into ``padded``, ``left`` pixels from its left side.

    Rows above the image and below it become zeros; the columns at both sides are not changed.
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
        elif channels == padded.shape[2]:  # the rows are contiguous
            source = image[row].reshape(-1)[: width * channels]
            target = padded[i].reshape(-1)[left * channels : (left + width) * channels]
            for k in range(source.size):
                target[k] = source[k]
        else:
            for j in range(width):
                pixel, place = image[row, j], padded[i, left + j]
                for k in range(channels):
                    place[k] = pixel[k]
