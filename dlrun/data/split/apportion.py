"""Rounding of fractional sizes to integers so that the sums are exact."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from dlrun.arrays import Array


def apportion(total: int, shares: Sequence[Fraction]) -> list[int]:
    """Divide ``total`` by the method of largest remainders (Hamilton).

    Args:
        total: the number to divide.
        shares: fractions that sum to 1.

    Returns:
        Integers that sum to ``total``, each less than 1 away from its exact share.  With equal
        remainders, the earlier share is rounded up.
    """
    exact = [total * share for share in shares]
    whole = [int(each) for each in exact]
    order = sorted(range(len(shares)), key=lambda i: (whole[i] - exact[i], i))
    for i in order[: total - sum(whole)]:
        whole[i] += 1
    return whole


def apportion_table(rows: Sequence[int], columns: Sequence[int]) -> Array:
    """A table of integers with the given sums, each cell close to rows[i] columns[j] / total.

    Controlled rounding (Bacharach, "Matrix rounding problems", 1966): the exact table has integer
    sums, so every row and column with a fraction has at least two, and such cells form a cycle.
    Adding and subtracting in turn along the cycle keeps all sums; this is done until a cell is an
    integer, and repeated until all are.

    Args:
        rows: sums of the rows.
        columns: sums of the columns; their total is the total of the rows.

    Returns:
        (rows, columns) int64; every cell is its exact value rounded down or up.
    """
    total = sum(rows)
    cells = np.multiply.outer(np.array(rows, np.int64), np.array(columns, np.int64))
    while True:
        fraction = cells % total  # in units of 1 / total, so everything is exact
        if not fraction.any():
            return np.asarray(cells // total)
        turn = _cycle(fraction)
        if fraction[turn > 0].sum() < fraction[turn < 0].sum():
            turn = -turn  # raise those that are closer to the next integer
        step = min((total - fraction[turn > 0]).min(), fraction[turn < 0].min())
        cells += step * turn


def _cycle(fraction: Array) -> Array:
    """1 and -1 in turn along a cycle of cells with fractions, 0 elsewhere.

    The walk raises the largest fraction of a column and lowers the smallest of that row, which
    rounds most cells to the nearest integer, but not always all of them.

    Args:
        fraction: (rows, columns) int64; a row or column has no cell above 0 or at least two.
    """
    column = int(np.flatnonzero(fraction.any(axis=0))[0])
    row = -1
    visited: list[int] = []
    path: list[tuple[int, int, int]] = []
    while column not in visited:
        visited.append(column)
        row = max(_open(fraction[:, column], row), key=lambda r: int(fraction[r, column]))
        onward = min(_open(fraction[row], column), key=lambda c: int(fraction[row, c]))
        path += [(row, column, 1), (row, onward, -1)]
        column = onward
    turn = np.zeros(fraction.shape, dtype=np.int64)
    for r, c, sign in path[2 * visited.index(column) :]:
        turn[r, c] += sign
    return turn


def _open(cells: Array, other_than: int) -> list[int]:
    """Indices of the cells above 0, except the one that the walk comes from."""
    return [index for index in np.flatnonzero(cells).tolist() if index != other_than]
