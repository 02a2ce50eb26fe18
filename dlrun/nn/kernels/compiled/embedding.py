"""Rows of a table: see ``reference.embedding``."""

from __future__ import annotations

from dlrun.arrays import Array
from dlrun.nn.kernels.compiled.jit import kernel


@kernel
def embed(tokens: Array, table: Array, padding: int, y: Array) -> None:
    """y = table[token], and 0 for the padding token."""
    for i in range(tokens.size):
        if tokens[i] == padding:
            y[i] = y.dtype.type(0)
        else:
            y[i] = table[tokens[i]]


@kernel
def embed_backward(tokens: Array, dy: Array, padding: int, first: int, dtable: Array) -> None:
    """The gradient of every row is the sum over its tokens, added in their order."""
    dtable[:] = dtable.dtype.type(0)
    for i in range(tokens.size):
        row = tokens[i] - first
        if 0 <= row < len(dtable) and tokens[i] != padding:
            into, slope = dtable[row], dy[i]
            for c in range(slope.size):
                into[c] += slope[c]
