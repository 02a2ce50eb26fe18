"""The softmax between the two matrix multiplications of attention."""

from __future__ import annotations

import numpy as np

from dlrun.arrays import Array


def attend(scores: Array, scale: float, mask: Array | None, causal: bool) -> None:
    """w = softmax(scale scores) over the visible keys of each query; 0 for all others.

    A query without visible keys gets 0 everywhere.

    Args:
        scores: (samples, heads, queries, keys), overwritten.
        scale: a positive factor.
        mask: (samples, keys), 0 for keys that no query may see; None to see all.
        causal: whether query t sees only keys 0 to t.
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
    """ds = scale w (dw - sum(w dw)) over the keys; 0 where w is 0.

    Args:
        weights: w, (samples, heads, queries, keys).
        scale: as in forward.
        slopes: dw, of the same shape; overwritten with ds.
    """
    mean = (weights * slopes).sum(axis=-1, keepdims=True)
    np.subtract(slopes, mean, out=slopes)
    np.multiply(slopes, weights, out=slopes)
    np.multiply(slopes, scale, out=slopes)
