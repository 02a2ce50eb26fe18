"""The softmax of attention: see ``reference.attention``."""

from __future__ import annotations

from dlrun.arrays import Array
from dlrun.nn.kernels.compiled import elementary
from dlrun.nn.kernels.compiled.jit import kernel, part


@kernel
def attend(scores: Array, scale: float, mask: Array | None, causal: bool) -> None:
    """w = softmax(scale scores) over the visible keys of each query; 0 for all others."""
    samples, heads, queries, _ = scores.shape
    for sample in range(samples):
        for head in range(heads):
            for query in range(queries):
                row = scores[sample, head, query]
                if causal:
                    row[query + 1 :] = row.dtype.type(0)
                    row = row[: query + 1]
                if mask is None:
                    _softmax(row, scale)
                else:
                    _masked_softmax(row, scale, mask[sample])


@part
def _softmax(row: Array, scale: float) -> None:
    factor, top = row.dtype.type(scale), row[0]
    for k in range(row.size):
        top = max(top, row[k])
    total = row.dtype.type(0)
    for k in range(row.size):
        e = elementary.exp((row[k] - top) * factor)
        row[k] = e
        total += e
    share = row.dtype.type(1) / total
    for k in range(row.size):
        row[k] *= share


@part
def _masked_softmax(row: Array, scale: float, mask: Array) -> None:
    zero, low = row.dtype.type(0), row.dtype.type(-1e30)
    factor, top = row.dtype.type(scale), low
    for k in range(row.size):
        top = max(top, row[k] if mask[k] != zero else low)
    total = zero
    for k in range(row.size):
        e = elementary.exp((row[k] - top) * factor)
        e = e if mask[k] != zero else zero
        row[k] = e
        total += e
    share = zero if total == zero else row.dtype.type(1) / total
    for k in range(row.size):
        row[k] *= share


@kernel
def attend_backward(weights: Array, scale: float, slopes: Array) -> None:
    """ds = scale w (dw - sum(w dw)) over the keys; 0 where w is 0."""
    samples, heads, queries, keys = weights.shape
    factor = weights.dtype.type(scale)
    for sample in range(samples):
        for head in range(heads):
            for query in range(queries):
                w, dw = weights[sample, head, query], slopes[sample, head, query]
                mean = weights.dtype.type(0)
                for k in range(keys):
                    mean += w[k] * dw[k]
                for k in range(keys):
                    dw[k] = factor * w[k] * (dw[k] - mean)
