"""Normalization within a sample: see ``reference.sample_norm``.

A loop writes to one array or two: with more, the compiler does not check that they do not overlap,
and does not vectorize.
"""

from __future__ import annotations

import numpy as np

from dlrun.arrays import Array
from dlrun.nn.kernels.compiled.jit import kernel


@kernel
def layer_norm(
    x: Array, scale: Array, shift: Array, eps: float, mean: Array, inverse: Array, y: Array
) -> None:
    """y = z scale + shift, z = (x - mean) / sqrt(variance + eps), both over the row."""
    rows, n = x.shape
    zero, one = x.dtype.type(0), x.dtype.type(1)
    share, least = x.dtype.type(1.0 / n), x.dtype.type(eps)
    for i in range(rows):
        total = zero
        for j in range(n):
            total += x[i, j]
        center = total * share
        square = zero
        for j in range(n):
            square += (x[i, j] - center) * (x[i, j] - center)
        factor = one / np.sqrt(square * share + least)
        mean[i], inverse[i] = center, factor
        for j in range(n):
            y[i, j] = (x[i, j] - center) * factor * scale[j] + shift[j]


@kernel
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
    """dx = inverse (a - mean(a) - z mean(a z)), a = dy scale, the means over the row."""
    rows, n = x.shape
    zero, share = x.dtype.type(0), x.dtype.type(1.0 / n)
    dscale[:] = zero
    dshift[:] = zero
    for i in range(rows):
        center, factor = mean[i], inverse[i]
        total, product = zero, zero
        for j in range(n):
            a = dy[i, j] * scale[j]
            total += a
            product += a * (x[i, j] - center)
        total *= share
        product *= share * factor * factor
        for j in range(n):
            a = dy[i, j] * scale[j]
            dx[i, j] = factor * (a - total - (x[i, j] - center) * product)
        for j in range(n):
            dscale[j] += dy[i, j] * (x[i, j] - center) * factor
            dshift[j] += dy[i, j]


@kernel
def rms_norm(x: Array, scale: Array, eps: float, inverse: Array, y: Array) -> None:
    """y = x scale / sqrt(mean(x^2) + eps), the mean over the row."""
    rows, n = x.shape
    zero, one = x.dtype.type(0), x.dtype.type(1)
    share, least = x.dtype.type(1.0 / n), x.dtype.type(eps)
    for i in range(rows):
        square = zero
        for j in range(n):
            square += x[i, j] * x[i, j]
        factor = one / np.sqrt(square * share + least)
        inverse[i] = factor
        for j in range(n):
            y[i, j] = x[i, j] * factor * scale[j]


@kernel
def rms_norm_backward(
    x: Array, scale: Array, inverse: Array, dy: Array, dx: Array, dscale: Array
) -> None:
    """dx = inverse (a - z mean(a z)), a = dy scale and z = x inverse; dscale = sum(dy z)."""
    rows, n = x.shape
    zero, share = x.dtype.type(0), x.dtype.type(1.0 / n)
    dscale[:] = zero
    for i in range(rows):
        factor = inverse[i]
        product = zero
        for j in range(n):
            product += dy[i, j] * scale[j] * x[i, j]
        product *= share * factor * factor
        for j in range(n):
            dx[i, j] = factor * (dy[i, j] * scale[j] - x[i, j] * product)
        for j in range(n):
            dscale[j] += dy[i, j] * x[i, j] * factor


@kernel
def group_norm(
    x: Array, scale: Array, shift: Array, eps: float, mean: Array, inverse: Array, y: Array
) -> None:
    """y = z scale + shift, z = (x - mean) / sqrt(variance + eps), over a group of channels."""
    samples, places, channels = x.shape
    groups = mean.shape[1]
    size = channels // groups
    zero, one = x.dtype.type(0), x.dtype.type(1)
    share, least = x.dtype.type(1.0 / (places * size)), x.dtype.type(eps)
    sums, center = np.empty(channels, x.dtype), np.empty(channels, x.dtype)
    factor, offset = np.empty(channels, x.dtype), np.empty(channels, x.dtype)
    for s in range(samples):
        sums[:] = zero
        for i in range(places):
            for c in range(channels):
                sums[c] += x[s, i, c]
        for g in range(groups):
            total = zero
            for c in range(g * size, (g + 1) * size):
                total += sums[c]
            mean[s, g] = total * share
            center[g * size : (g + 1) * size] = mean[s, g]
        sums[:] = zero
        for i in range(places):
            for c in range(channels):
                sums[c] += (x[s, i, c] - center[c]) * (x[s, i, c] - center[c])
        for g in range(groups):
            square = zero
            for c in range(g * size, (g + 1) * size):
                square += sums[c]
            inverse[s, g] = one / np.sqrt(square * share + least)
            for c in range(g * size, (g + 1) * size):
                factor[c] = inverse[s, g] * scale[c]
                offset[c] = shift[c] - center[c] * factor[c]
        for i in range(places):
            for c in range(channels):
                y[s, i, c] = x[s, i, c] * factor[c] + offset[c]


@kernel
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
    """dx = inverse (a - mean(a) - z mean(a z)), a = dy scale, the means over the group."""
    samples, places, channels = x.shape
    groups = mean.shape[1]
    size = channels // groups
    zero, share = x.dtype.type(0), x.dtype.type(1.0 / (places * size))
    sums, products = np.empty(channels, x.dtype), np.empty(channels, x.dtype)
    center, factor = np.empty(channels, x.dtype), np.empty(channels, x.dtype)
    slope, offset = np.empty(channels, x.dtype), np.empty(channels, x.dtype)
    dscale[:] = zero
    dshift[:] = zero
    for s in range(samples):
        for g in range(groups):
            center[g * size : (g + 1) * size] = mean[s, g]
        sums[:] = zero
        products[:] = zero
        for i in range(places):
            for c in range(channels):
                sums[c] += dy[s, i, c]
                products[c] += dy[s, i, c] * (x[s, i, c] - center[c])
        for g in range(groups):
            total, product, spread = zero, zero, inverse[s, g]
            for c in range(g * size, (g + 1) * size):
                products[c] *= spread
                dshift[c] += sums[c]
                dscale[c] += products[c]
                total += scale[c] * sums[c]
                product += scale[c] * products[c]
            for c in range(g * size, (g + 1) * size):
                factor[c] = spread * scale[c]
                slope[c] = spread * spread * product * share
                offset[c] = spread * total * share - center[c] * slope[c]
        for i in range(places):
            for c in range(channels):
                dx[s, i, c] = dy[s, i, c] * factor[c] - x[s, i, c] * slope[c] - offset[c]
