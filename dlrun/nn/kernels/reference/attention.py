"""The softmax between the two products of attention."""

from __future__ import annotations

import numpy as np

from dlrun.arrays import Array


def attend(scores: Array, scale: float, mask: Array | None, causal: bool) -> None:
    """w = softmax(scale scores) over the keys that a query may see; 0 for all others.

    A query that may see no key at all gets 0 everywhere.

    Args:
        scores: (samples, heads, queries, keys), overwritten.
        scale: a factor above 0.
        mask: (samples, keys), 0 at keys that nobody may see; None where there are none.
        causal: query t sees keys 0 to t only.
    """
    samples, _, queries, keys = scores.shape
    seen = np.ones((samples, 1, queries, keys), bool)
    if causal:
        seen &= np.tri(queries, keys, dtype=bool)
    if mask is not None:
        seen &= mask[:, None, None, :] != 0
    top = np.max(scores, axis=-1, keepdims=True, where=seen, initial=-np.inf)
    np.subtract(scores, top, out=scores, where=seen)
    np.multiply(scores, scale, out=scores)
    np.exp(scores, out=scores, where=seen)
    np.copyto(scores, 0, where=~seen)
    total = scores.sum(axis=-1, keepdims=True)
    np.divide(scores, total, out=scores, where=total != 0)


def attend_backward(weights: Array, scale: float, slopes: Array) -> None:
    """ds = scale w (dw - sum(w dw)) over the keys; where w is 0, ds is.

    Args:
        weights: w, (samples, heads, queries, keys).
        scale: as in forward.
        slopes: dw, of the same shape; overwritten with ds.
    """
    mean = (weights * slopes).sum(axis=-1, keepdims=True)
    np.subtract(slopes, mean, out=slopes)
    np.multiply(slopes, weights, out=slopes)
    np.multiply(slopes, scale, out=slopes)
