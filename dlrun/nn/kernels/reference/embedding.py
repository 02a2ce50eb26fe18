"""Rows of a table, looked up by their indices."""

from __future__ import annotations

import numpy as np

from dlrun.arrays import Array


def embed(tokens: Array, table: Array, padding: int, y: Array) -> None:
    """y = table[token], and 0 for the padding token.

    Args:
        tokens: (n,) int32, row indices of the table.
        table: (rows, units).
        padding: the token without a vector; -1 if there is none.
        y: (n, units), written.
    """
    np.take(table, tokens, axis=0, out=y)
    y[tokens == padding] = 0


def embed_backward(tokens: Array, dy: Array, padding: int, first: int, dtable: Array) -> None:
    """The gradient of every row is the sum over its tokens, added in their order.

    Args:
        tokens: (n,) int32.
        dy: (n, units).
        padding: as in forward; its gradient is 0.
        first: the row of the table at which ``dtable`` starts.
        dtable: (some rows, units), written; tokens of other rows are ignored.
    """
    dtable.fill(0)
    rows = tokens - first
    own = (rows >= 0) & (rows < len(dtable)) & (tokens != padding)
    np.add.at(dtable, rows[own], dy[own])
