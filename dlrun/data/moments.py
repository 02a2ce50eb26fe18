"""Mean, standard deviation and range of each column or channel, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from dlrun.arrays import Array
from dlrun.data.samples import Samples, chunks


@dataclass(frozen=True, slots=True)
class Moments:
    """Statistics over all axes except the last, (channels,) float64; NaN is skipped.

    All of them are 0 for a channel without values.

    Attributes:
        mean: the average.
        std: the standard deviation of the population; exactly 0 for a constant.
        low: the minimum.
        high: the maximum.
    """

    mean: Array
    std: Array
    low: Array
    high: Array


def moments(inputs: Samples) -> Moments:
    """The statistics of (n, ..., channels), computed in one pass."""
    return moments_of(chunks(inputs), inputs.shape[-1])


def moments_of(blocks: Iterable[Array], channels: int) -> Moments:
    """The statistics of blocks of values, each (..., channels), computed in one pass.

    Means and sums of squares are computed per chunk and then combined (Chan, Golub & LeVeque,
    1983), so a large mean loses no precision.
    """
    count = np.zeros(channels)
    mean = np.zeros(channels)
    squares = np.zeros(channels)
    low = np.full(channels, np.inf)
    high = np.full(channels, -np.inf)
    for block in blocks:
        values = block.reshape(-1, channels).astype(np.float64)
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
    std = np.sqrt(squares / np.maximum(count, 1))
    constant = low == high  # rounding errors would remain
    std[constant] = 0.0
    mean[constant] = low[constant]
    return Moments(mean, std, low, high)


def need_statistics(shift: Array, scale: Array) -> None:
    """Check that values can be shifted and scaled by these; files on the disk may be damaged.

    Args:
        shift: (channels,).
        scale: (channels,).

    Raises:
        ValueError: they cannot.
    """
    if np.isnan(shift).any() or not (scale > 0).all():
        raise ValueError(
            "a standard deviation or range is not above 0, or a mean or minimum is missing"
        )
