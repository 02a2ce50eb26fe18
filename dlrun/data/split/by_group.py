"""Group splits: each group is in one set; sizes and class proportions are approximate."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from dlrun.arrays import Array
from dlrun.data.split.parts import Classes
from dlrun.errors import DataError


def in_groups(
    groups: Array, shares: Sequence[Fraction], draw: np.random.Generator, classes: Classes | None
) -> Array:
    """The index of the set of each sample, (n,) int64, the same for all samples of a group.

    The result depends on the groups and their contents, not on the order of samples.

    Args:
        groups: (n,) int64, from 0 without gaps.
        shares: fractions of the sets.
        draw: decides between groups of equal size.
        classes: for a stratified split; None balances only sizes.

    Raises:
        DataError: a set would be empty or without one of the classes.
    """
    number = int(groups.max()) + 1
    wanted = sum(share > 0 for share in shares)
    if number < wanted:
        raise DataError(
            f"{number} groups are too few for {wanted} sets; each needs at least one group"
        )
    codes = np.zeros_like(groups) if classes is None else classes.codes
    width = 1 if classes is None else len(classes.names)
    counts = np.bincount(groups * width + codes, minlength=number * width).reshape(number, width)
    part = _share_groups(counts, shares, draw.permutation(number))
    for place, share in enumerate(shares):
        of_class = counts[part == place].sum(axis=0)
        if share and not of_class.sum():
            raise DataError(
                f"the groups are too large for a set of {float(share):.3g} of the samples: it "
                "would be empty; enlarge its fraction"
            )
        if share and classes is not None and not of_class.all():
            lacking = classes.names[int(np.argmin(of_class))]
            raise DataError(
                f"class '{lacking}' is in too few groups to be in every set; add groups with it "
                "or set stratify to false"
            )
    return np.asarray(part[groups])


def _share_groups(counts: Array, shares: Sequence[Fraction], order: Array) -> Array:
    """Assign every group to one set.

    Starting with the largest, each group is added to the set where it increases chi-squared least,
    the sum over sets and classes of (samples - expected)^2 / expected.  For a single class this is
    the method of Webster and Sainte-Laguë, so large groups occur in all sets and not only in the
    largest one.

    Args:
        counts: (groups, classes) numbers of samples; a single column without classes.
        shares: fractions of the sets, which sum to 1; those of 0 get nothing.
        order: (groups,) a permutation, the order of groups of equal size.

    Returns:
        (groups,) int64, the index of the set of each group.
    """
    wanted = [part for part, share in enumerate(shares) if share]
    weights = np.array([float(shares[part]) for part in wanted])
    expected = np.outer(weights, counts.sum(axis=0))
    expected[expected == 0.0] = 1.0  # a class without samples adds nothing anywhere
    have = np.zeros_like(expected)
    part = np.empty(len(counts), np.int64)
    for group in order[np.argsort(-counts.sum(axis=1)[order], kind="stable")].tolist():
        own = counts[group]
        added = own * (own + 2.0 * (have - expected)) / expected
        place = int(np.argmin(added.sum(axis=1)))
        have[place] += own
        part[group] = wanted[place]
    return part
