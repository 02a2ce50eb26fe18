"""Mean, spread and range of every column or channel, in one piece of bounded memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from dlrun.arrays import Array

_CHUNK = 1 << 18  # values; 2 MiB as float64


@dataclass(frozen=True, slots=True)
class Moments:
    """Statistics over all axes but the last, (channels,) float64, without NaN.

    A channel of no values has mean, deviation, low and high 0.

    Attributes:
        mean: the average.
        deviation: the standard deviation of the population; exactly 0 for a constant.
        low: the least value.
        high: the greatest value.
    """

    mean: Array
    deviation: Array
    low: Array
    high: Array


def moments(inputs: Array) -> Moments:
    """Measure (n, ..., channels), in two passes so that a large mean costs no digits."""
    channels = inputs.shape[-1]
    count = np.zeros(channels)
    total = np.zeros(channels)
    low = np.full(channels, np.inf)
    high = np.full(channels, -np.inf)
    for values, present in _chunks(inputs):
        count += present.sum(axis=0)
        total += values.sum(axis=0, where=present)
        low = np.minimum(low, values.min(axis=0, where=present, initial=np.inf))
        high = np.maximum(high, values.max(axis=0, where=present, initial=-np.inf))
    empty = count == 0
    low[empty] = high[empty] = 0.0
    mean = total / np.maximum(count, 1)
    squares = np.zeros(channels)
    for values, present in _chunks(inputs):
        squares += np.square(values - mean).sum(axis=0, where=present)
    deviation = np.sqrt(squares / np.maximum(count, 1))
    deviation[low == high] = 0.0  # rounding of the mean would leave a little
    return Moments(mean, deviation, low, high)


def _chunks(inputs: Array) -> Iterator[tuple[Array, Array]]:
    """Rows of channels as float64, some at a time, and which of the values are present."""
    flat = inputs.reshape(-1, inputs.shape[-1])
    rows = max(1, _CHUNK // flat.shape[1])
    for start in range(0, len(flat), rows):
        values = flat[start : start + rows].astype(np.float64)
        yield values, ~np.isnan(values)
