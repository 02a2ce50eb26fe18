"""Normalization within a sample: over a row, or over groups of channels.

Every variance is the mean of squared differences from the mean, in two passes: the rows are short
and in the cache, and no digits are lost.
"""

from __future__ import annotations

import numpy as np

from dlrun.arrays import Array


def layer_norm(
    x: Array, scale: Array, shift: Array, eps: float, mean: Array, inverse: Array, y: Array
) -> None:
    """y = z scale + shift, z = (x - mean) / sqrt(variance + eps), both over the row.

    Ba, Kiros & Hinton, "Layer normalization", 2016.

    Args:
        x: (rows, n).
        scale: (n,).
        shift: (n,).
        eps: added to the variance.
        mean: (rows,), written.
        inverse: (rows,), written: 1 / sqrt(variance + eps).
        y: (rows, n), written.
    """
    np.mean(x, axis=1, out=mean)
    np.subtract(x, mean[:, None], out=y)
    inverse[...] = 1 / np.sqrt(np.square(y).mean(axis=1) + eps)
    np.multiply(y, inverse[:, None], out=y)
    np.multiply(y, scale, out=y)
    np.add(y, shift, out=y)


def layer_norm_backward(
    x: Array,
    scale: Array,
    mean: Array,
    inverse: Array,
    dy: Array,
    dx: Array,
    dscale: Array,
    dshift: Array,
) -> None:
    """dx = inverse (a - mean(a) - z mean(a z)), a = dy scale, the means over the row.

    dshift and dscale are the sums of dy and of dy z over the rows.
    """
    z = (x - mean[:, None]) * inverse[:, None]
    np.sum(dy, axis=0, out=dshift)
    np.sum(dy * z, axis=0, out=dscale)
    a = dy * scale
    rest = a - a.mean(axis=1, keepdims=True) - z * (a * z).mean(axis=1, keepdims=True)
    np.multiply(rest, inverse[:, None], out=dx)


def rms_norm(x: Array, scale: Array, eps: float, inverse: Array, y: Array) -> None:
    """y = x scale / sqrt(mean(x^2) + eps), the mean over the row.

    Zhang & Sennrich, "Root mean square layer normalization", NeurIPS 2019.

    Args:
        x: (rows, n).
        scale: (n,).
        eps: added to the mean.
        inverse: (rows,), written: 1 / sqrt(mean(x^2) + eps).
        y: (rows, n), written.
    """
    inverse[...] = 1 / np.sqrt(np.square(x).mean(axis=1) + eps)
    np.multiply(x, inverse[:, None], out=y)
    np.multiply(y, scale, out=y)


def rms_norm_backward(
    x: Array, scale: Array, inverse: Array, dy: Array, dx: Array, dscale: Array
) -> None:
    """dx = inverse (a - z mean(a z)), a = dy scale and z = x inverse; dscale = sum(dy z)."""
    z = x * inverse[:, None]
    np.sum(dy * z, axis=0, out=dscale)
    a = dy * scale
    np.multiply(a - z * (a * z).mean(axis=1, keepdims=True), inverse[:, None], out=dx)


def group_norm(
    x: Array, scale: Array, shift: Array, eps: float, mean: Array, inverse: Array, y: Array
) -> None:
    """y = z scale + shift, z = (x - mean) / sqrt(variance + eps), over a group of channels.

    Wu & He, "Group normalization", ECCV 2018.

    Args:
        x: (samples, places, channels).
        scale: (channels,).
        shift: (channels,).
        eps: added to the variance.
        mean: (samples, groups), written; a group is consecutive channels, at all places.
        inverse: (samples, groups), written: 1 / sqrt(variance + eps).
        y: (samples, places, channels), written.
    """
    parts, target = _grouped(x, mean), _grouped(y, mean)
    np.mean(parts, axis=(1, 3), out=mean)
    np.subtract(parts, mean[:, None, :, None], out=target)
    inverse[...] = 1 / np.sqrt(np.square(target).mean(axis=(1, 3)) + eps)
    np.multiply(target, inverse[:, None, :, None], out=target)
    np.multiply(y, scale, out=y)
    np.add(y, shift, out=y)


def group_norm_backward(
    x: Array,
    scale: Array,
    mean: Array,
    inverse: Array,
    dy: Array,
    dx: Array,
    dscale: Array,
    dshift: Array,
) -> None:
    """dx = inverse (a - mean(a) - z mean(a z)), a = dy scale, the means over the group.

    dshift and dscale are the sums of dy and of dy z over samples and places.
    """
    z = (_grouped(x, mean) - mean[:, None, :, None]) * inverse[:, None, :, None]
    np.sum(dy, axis=(0, 1), out=dshift)
    np.sum(dy * z.reshape(x.shape), axis=(0, 1), out=dscale)
    a = _grouped(dy * scale, mean)
    rest = a - a.mean((1, 3), keepdims=True) - z * (a * z).mean((1, 3), keepdims=True)
    np.multiply(rest, inverse[:, None, :, None], out=_grouped(dx, mean))


def _grouped(x: Array, mean: Array) -> Array:
    """The array as (samples, places, groups, channels of a group)."""
    return x.reshape(*x.shape[:2], mean.shape[1], -1)
