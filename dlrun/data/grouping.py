"""Whole groups shared out among parts, so that their sizes and mixes come near what is asked."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from dlrun.arrays import Array


def share_groups(counts: Array, shares: Sequence[Fraction], order: Array) -> Array:
    """Give every group to one part.

    The largest group comes first, and each goes where it adds least to chi-squared, the sum over
    parts and classes of (samples - expected)^2 / expected.  For a single class that is the method
    of Webster and Sainte-Laguë, so large groups are found in all parts and not in the largest
    alone.

    Args:
        counts: (groups, classes) samples; a single column where classes do not matter.
        shares: of the parts, which sum to 1; nothing goes to those of 0.
        order: (groups,) a permutation, in which groups of one size are taken.

    Returns:
        (groups,) int64, the part of each group.
    """
    wanted = [part for part, share in enumerate(shares) if share]
    weights = np.array([float(shares[part]) for part in wanted])
    expected = np.outer(weights, counts.sum(axis=0))
    expected[expected == 0.0] = 1.0  # a class of no samples adds nothing anywhere
    have = np.zeros_like(expected)
    part = np.empty(len(counts), np.int64)
    for group in order[np.argsort(-counts.sum(axis=1)[order], kind="stable")].tolist():
        own = counts[group]
        added = own * (own + 2.0 * (have - expected)) / expected
        place = int(np.argmin(added.sum(axis=1)))
        have[place] += own
        part[group] = wanted[place]
    return part
