"""Convolution of images, channels last: one matrix multiplication per tap of the kernel.

A tap is an element of the kernel.  Its input is the padded image shifted, (n, down, across,
channels), which is multiplied by its weights, (channels, filters), and added.  Filters can be in
groups, each of which sees only its own group of channels.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from dlrun.arrays import Array


class Window(NamedTuple):
    """How a kernel moves over an image; each is (down, across).

    Attributes:
        stride: between two positions of the kernel.
        dilation: between two taps.
        before: zeros above and left of the image; those below and right follow from the output.
    """

    stride: tuple[int, int]
    dilation: tuple[int, int]
    before: tuple[int, int]


def correlate(
    x: Array, kernel: Array, bias: Array, y: Array, window: Window, groups: int, rectify: bool
) -> None:
    """y[i, j] = bias + sum over taps (k, l) of x[i stride + k dilation - before, ...] kernel[k, l].

    Args:
        x: (n, height, width, channels).
        kernel: (kernel height, kernel width, channels / groups, filters).
        bias: (filters,).
        y: (n, down, across, filters), written.
        window: how the kernel moves.
        groups: number of groups of channels and filters that are connected only within a group.
        rectify: write max(y, 0) instead.
    """
    padded = _padded(x, kernel, y, window)
    y[...] = bias
    for tap, place in _taps(kernel, y, window):
        for inputs, outputs in _groups(x, y, groups):
            y[..., outputs] += padded[place][..., inputs] @ kernel[tap][:, outputs]
    if rectify:
        np.maximum(y, 0, out=y)


def input_gradient(dy: Array, kernel: Array, dx: Array, window: Window, groups: int) -> None:
    """dx, (n, height, width, channels), written: the gradient of the input of ``correlate``."""
    padded = np.zeros_like(_padded(dx, kernel, dy, window))
    for tap, place in _taps(kernel, dy, window):
        for inputs, outputs in _groups(dx, dy, groups):
            padded[place][..., inputs] += dy[..., outputs] @ kernel[tap][:, outputs].T
    (top, left), (height, width) = window.before, dx.shape[1:3]
    inner = padded[:, top : top + height, left : left + width]
    dx.fill(0)  # pixels at the far edges that no window reaches
    dx[:, : inner.shape[1], : inner.shape[2]] = inner


def kernel_gradient(x: Array, dy: Array, dkernel: Array, window: Window, groups: int) -> None:
    """dkernel, of the kernel's shape, written: the gradient of the kernel of ``correlate``."""
    padded = _padded(x, dkernel, dy, window)
    for tap, place in _taps(dkernel, dy, window):
        for inputs, outputs in _groups(x, dy, groups):
            seen = padded[place][..., inputs].reshape(-1, dkernel.shape[2])
            slopes = dy[..., outputs].reshape(len(seen), -1)
            dkernel[tap][:, outputs] = seen.T @ slopes


def _extent(places: int, taps: int, stride: int, dilation: int) -> int:
    """Pixels along an axis that a kernel of so many taps at so many positions covers."""
    return (places - 1) * stride + (taps - 1) * dilation + 1


def _padded(x: Array, kernel: Array, y: Array, window: Window) -> Array:
    """Images with zeros around them, as far as windows reach."""
    lengths = [
        _extent(y.shape[axis + 1], kernel.shape[axis], window.stride[axis], window.dilation[axis])
        for axis in (0, 1)
    ]
    padded = np.zeros((len(x), *lengths, x.shape[3]), x.dtype)
    top, left = window.before
    inner = padded[:, top : top + x.shape[1], left : left + x.shape[2]]
    inner[...] = x[:, : inner.shape[1], : inner.shape[2]]
    return padded


def _taps(
    kernel: Array, y: Array, window: Window
) -> Iterator[tuple[tuple[int, int], tuple[slice, slice, slice]]]:
    """Every tap, and its part of the padded images."""
    (down, across), stride, dilation = y.shape[1:3], window.stride, window.dilation
    for k, m in np.ndindex(*kernel.shape[:2]):
        top, left = k * dilation[0], m * dilation[1]
        rows = slice(top, top + (down - 1) * stride[0] + 1, stride[0])
        columns = slice(left, left + (across - 1) * stride[1] + 1, stride[1])
        yield (k, m), (slice(None), rows, columns)


def _groups(x: Array, y: Array, groups: int) -> Iterator[tuple[slice, slice]]:
    """Channels and filters of every group."""
    channels, filters = x.shape[3] // groups, y.shape[3] // groups
    for g in range(groups):
        yield (
            slice(g * channels, (g + 1) * channels),
            slice(g * filters, (g + 1) * filters),
        )
