"""Mean, spread and range of every column or channel, in one piece of bounded memory."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dlrun.arrays import Array
from dlrun.data.samples import Samples, chunks


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


def moments(inputs: Samples) -> Moments:
    """Measure (n, ..., channels) in one pass.

    Each chunk has a mean of its own and the sum of squares around it, which are then put together
    (Chan, Golub & LeVeque, 1983): so a large mean costs no digits.
    """
    channels = inputs.shape[-1]
    count = np.zeros(channels)
    mean = np.zeros(channels)
    squares = np.zeros(channels)
    low = np.full(channels, np.inf)
    high = np.full(channels, -np.inf)
    for chunk in chunks(inputs):
        values = chunk.reshape(-1, channels).astype(np.float64)
        present = ~np.isnan(values)
        low = np.minimum(low, values.min(axis=0, where=present, initial=np.inf))
        high = np.maximum(high, values.max(axis=0, where=present, initial=-np.inf))
        here = present.sum(axis=0)
        together = np.maximum(count + here, 1)
        own = values.sum(axis=0, where=present) / np.maximum(here, 1)
        squares += np.square(values - own).sum(axis=0, where=present)
        squares += np.square(own - mean) * (count * here / together)
        mean += (own - mean) * (here / together)
        count += here
    empty = count == 0
    low[empty] = high[empty] = 0.0
    deviation = np.sqrt(squares / np.maximum(count, 1))
    constant = low == high  # rounding would leave a little
    deviation[constant] = 0.0
    mean[constant] = low[constant]
    return Moments(mean, deviation, low, high)
