"""Random splits and folds, stratified or not."""

from __future__ import annotations

import numpy as np

from dlrun.arrays import Array
from dlrun.data.split.apportion import apportion, apportion_table
from dlrun.data.split.parts import PARTS, Classes, Rows, Shares, need_samples, set_name
from dlrun.errors import DataError


def at_random(order: Array, shares: Shares, classes: Classes | None) -> Rows:
    """Split samples into sets of given fractions, by a random order of all samples.

    Test rows are the first in this order, so that without classes they do not depend on the
    validation fraction.

    Args:
        order: a permutation of all rows.
        shares: fractions of training, validation and test set.
        classes: for a stratified split; None for a plain one.

    Raises:
        DataError: a set would be empty, or a class cannot be in all sets.
    """
    sizes = apportion(len(order), shares)
    need_samples(sizes, shares, len(order))
    if classes is None:
        blocks, counts = [order], np.array([sizes])
    else:
        blocks, counts = _by_class(order, classes, sizes)
    cuts = [
        np.split(block, [test, test + validation])
        for block, (_, validation, test) in zip(blocks, counts.tolist(), strict=True)
    ]
    test, validation, train = (np.sort(np.concatenate(part)) for part in zip(*cuts, strict=True))
    return Rows(train, validation, test)


def deal(order: Array, folds: int, classes: Classes | None) -> Array:
    """The fold of each sample, (n,) int64 from 0, assigned in turn along an order.

    The sizes of folds, and of each class in them, differ by at most 1.

    Args:
        order: a permutation of all rows.
        folds: number of folds.
        classes: for stratified folds; None for plain ones.

    Raises:
        DataError: there are fewer samples than folds, or fewer samples of a class.
    """
    if len(order) < folds:
        raise DataError(
            f"{folds} folds of {len(order)} samples: some would be empty; lower data.split.folds"
        )
    if classes is not None:
        sizes = np.bincount(classes.codes, minlength=len(classes.names)).tolist()
        for name, size in zip(classes.names, sizes, strict=True):
            if size < folds:
                raise DataError(
                    f"class '{name}' has {size} samples, too few for {folds} folds; add samples of "
                    "this class, lower folds or set stratify to false"
                )
        order = order[np.argsort(classes.codes[order], kind="stable")]
    fold = np.empty(len(order), np.int64)
    fold[order] = np.arange(len(order)) % folds
    return fold


def _by_class(order: Array, classes: Classes, sizes: list[int]) -> tuple[list[Array], Array]:
    """Rows of each class in the given order, and how many of them are in each set."""
    codes = classes.codes
    sorted_by_class = order[np.argsort(codes[order], kind="stable")]
    of_class = np.bincount(codes, minlength=len(classes.names))
    counts = apportion_table(of_class.tolist(), sizes)
    for name, size, row in zip(classes.names, of_class.tolist(), counts.tolist(), strict=True):
        for part, asked, count in zip(PARTS, sizes, row, strict=True):
            if asked and not count:
                raise DataError(
                    f"data.split.stratify: class '{name}' has {size} of {len(codes)} samples, "
                    f"too few for the {set_name(part)} of {asked}; add samples of this class, "
                    "enlarge the set or set stratify to false"
                )
    return np.split(sorted_by_class, np.cumsum(of_class)[:-1]), counts
