"""Convolution of images: see ``reference.conv``.

The way is chosen by shapes, here, so that only what a network uses is compiled: ``depthwise``,
``winograd`` for kernels three taps wide with enough channels and filters, and otherwise ``direct``.
"""

from __future__ import annotations

import numpy as np

from dlrun.arrays import Array
from dlrun.nn.kernels.compiled import depthwise, direct, winograd
from dlrun.nn.kernels.reference.conv import Window


def correlate(
    x: Array, kernel: Array, bias: Array, y: Array, window: Window, groups: int, rectify: bool
) -> None:
    """y[i, j] = bias + sum over taps (k, l) of x[i stride + k dilation - before] kernel[k, l]."""
    if kernel.shape[2] == 1 and kernel.shape[3] == groups:
        depthwise.correlate(x, kernel, bias, y, *window, rectify)
    elif _takes_winograd(kernel, window, groups):
        winograd.correlate(x, kernel, bias, y, *window.before, rectify)
    else:
        direct.correlate(x, kernel, bias, y, window, groups, rectify)


def input_gradient(dy: Array, kernel: Array, dx: Array, window: Window, groups: int) -> None:
    """dx, (n, height, width, channels), written: the gradient of the input of ``correlate``."""
    tall, wide, channels, _ = kernel.shape
    top, left = tall - 1 - window.before[0], wide - 1 - window.before[1]
    if _takes_winograd(kernel, window, groups) and left >= 0:
        turned = np.ascontiguousarray(kernel[::-1, ::-1].swapaxes(2, 3))
        winograd.correlate(dy, turned, np.zeros(channels, dx.dtype), dx, top, left, False)
    else:
        direct.input_gradient(dy, kernel, dx, window, groups)


def kernel_gradient(x: Array, dy: Array, dkernel: Array, window: Window, groups: int) -> None:
    """dkernel, of the kernel's shape, written: the gradient of the kernel of ``correlate``."""
    if _takes_winograd(dkernel, window, groups):
        winograd.kernel_gradient(x, dy, dkernel, *window.before)
    else:
        direct.kernel_gradient(x, dy, dkernel, window, groups)


def _takes_winograd(kernel: Array, window: Window, groups: int) -> bool:
    _, wide, channels, filters = kernel.shape
    if wide != 3 or groups != 1 or not winograd.pays(channels, filters):
        return False
    return window.stride == (1, 1) and window.dilation == (1, 1)
