"""One step of recurrent layers, between two multiplications by the recurrent kernel.

All arrays are (rows, ...) for one time step.  ``gates`` has the input's contribution to every unit,
x W, and ``recurrent`` that of the previous state, h U; the blocks of the gates, one column per
unit, are side by side.  Where ``valid``, (rows,) bool, is False the step is padding and the state
stays unchanged; None means True everywhere.

Backward goes from the last step to the first.  The gradient of a step's state is the sum of three:
``through`` came back through the recurrent kernel, ``straight`` around it, and ``dy``, if not None,
from the layer's output at this step.  Backward writes the gradients of the gates, and to
``straight`` the gradient that goes around the recurrent kernel to the previous step.
"""

from __future__ import annotations

import numpy as np

from dlrun.arrays import Array
from dlrun.nn.kernels.reference import activation


def rnn(
    gates: Array,
    recurrent: Array,
    bias: Array,
    before: Array,
    valid: Array | None,
    state: Array,
    rectify: bool,
) -> None:
    """h = tanh(x W + h' U + b), or max(..., 0) where ``rectify``.

    Args:
        gates: (rows, units).
        recurrent: (rows, units).
        bias: (units,).
        before: h', (rows, units).
        valid: (rows,) or None.
        state: h, (rows, units), written.
        rectify: max(..., 0) instead of tanh.
    """
    z = gates + recurrent + bias
    np.copyto(state, np.maximum(z, 0) if rectify else np.tanh(z))
    _carry(valid, before, state)


def rnn_backward(
    gates: Array,
    state: Array,
    valid: Array | None,
    through: Array,
    dy: Array | None,
    straight: Array,
    rectify: bool,
) -> None:
    """dz = dh (1 - h^2), or dh where h > 0; ``gates`` is written.

    Args:
        gates: (rows, units), written.
        state: h, (rows, units).
        valid: (rows,) or None.
        through: (rows, units).
        dy: (rows, units) or None.
        straight: (rows, units), read and written.
        rectify: as in forward.
    """
    dh = _sum(through, straight, dy)
    np.multiply(dh, state > 0 if rectify else 1 - np.square(state), out=gates)
    straight.fill(0)
    _pass_on(valid, dh, straight, gates)


def lstm(
    gates: Array,
    recurrent: Array,
    bias: Array,
    before: Array,
    cell_before: Array,
    valid: Array | None,
    state: Array,
    cell: Array,
) -> None:
    """c = f c' + i g and h = o tanh(c); i, f, o are sigmoids, g a tanh, of x W + h' U + b.

    Args:
        gates: (rows, 4 units), blocks i, f, g, o; written with their values.
        recurrent: (rows, 4 units).
        bias: (4 units,).
        before: h', (rows, units).
        cell_before: c', (rows, units).
        valid: (rows,) or None.
        state: h, (rows, units), written.
        cell: c, (rows, units), written.
    """
    units = state.shape[1]
    given = gates.copy()
    z = gates + recurrent + bias
    np.copyto(gates, _sigmoid(z))
    np.tanh(z[:, 2 * units : 3 * units], out=gates[:, 2 * units : 3 * units])
    i, f, g, o = np.split(gates, 4, axis=1)
    np.copyto(cell, f * cell_before + i * g)
    np.copyto(state, o * np.tanh(cell))
    _carry(valid, given, gates)
    _carry(valid, before, state)
    _carry(valid, cell_before, cell)


def lstm_backward(
    gates: Array,
    cell_before: Array,
    cell: Array,
    valid: Array | None,
    through: Array,
    dy: Array | None,
    straight: Array,
    dcell: Array,
) -> None:
    """Gradients of the gates before their sigmoid or tanh.

    Args:
        gates: (rows, 4 units), their values; written with their gradients.
        cell_before: c', (rows, units).
        cell: c, (rows, units).
        valid: (rows,) or None.
        through: (rows, units).
        dy: (rows, units) or None.
        straight: (rows, units), read and written.
        dcell: (rows, units), the gradient of c from the next step; written with that of c'.
    """
    dh = _sum(through, straight, dy)
    i, f, g, o = (block.copy() for block in np.split(gates, 4, axis=1))
    t = np.tanh(cell)
    dc = dcell + dh * o * (1 - t * t)
    slopes = (
        dc * g * i * (1 - i),
        dc * cell_before * f * (1 - f),
        dc * i * (1 - g * g),
        dh * t * o * (1 - o),
    )
    for block, slope in zip(np.split(gates, 4, axis=1), slopes, strict=True):
        np.copyto(block, slope)
    straight.fill(0)
    np.copyto(dcell, dc * f, where=True if valid is None else valid[:, None])
    _pass_on(valid, dh, straight, gates)


def gru(
    gates: Array,
    recurrent: Array,
    bias: Array,
    inner_bias: Array,
    before: Array,
    valid: Array | None,
    state: Array,
) -> None:
    """h = (1 - z) n + z h' with n = tanh(x W_n + b_n + r m), m = h' U_n + c.

    The reset gate r is applied after the multiplication by the recurrent kernel, as in cuDNN and
    PyTorch.

    Args:
        gates: (rows, 4 units), blocks m, r, z, n, of which r, z, n hold x W; written with their
            values.
        recurrent: (rows, 3 units), blocks r, z, n.
        bias: (3 units,), blocks r, z, n.
        inner_bias: c, (units,).
        before: h', (rows, units).
        valid: (rows,) or None.
        state: h, (rows, units), written.
    """
    units, given = state.shape[1], gates.copy()
    m, r, z, n = np.split(gates, 4, axis=1)
    of_r, of_z, of_n = np.split(recurrent, 3, axis=1)
    b_r, b_z, b_n = bias[:units], bias[units : 2 * units], bias[2 * units :]
    np.add(of_n, inner_bias, out=m)
    np.copyto(r, _sigmoid(r + of_r + b_r))
    np.copyto(z, _sigmoid(z + of_z + b_z))
    np.tanh(n + b_n + r * m, out=n)
    np.copyto(state, (1 - z) * n + z * before)
    _carry(valid, given, gates)
    _carry(valid, before, state)


def gru_backward(
    gates: Array,
    before: Array,
    valid: Array | None,
    through: Array,
    dy: Array | None,
    straight: Array,
) -> None:
    """Gradients of m, and of r, z, n before their sigmoid or tanh.

    Args:
        gates: (rows, 4 units), blocks m, r, z, n; written with their gradients.
        before: h', (rows, units).
        valid: (rows,) or None.
        through: (rows, units).
        dy: (rows, units) or None.
        straight: (rows, units), read and written.
    """
    dh = _sum(through, straight, dy)
    m, r, z, n = (block.copy() for block in np.split(gates, 4, axis=1))
    dn = dh * (1 - z) * (1 - n * n)
    slopes = (dn * r, dn * m * r * (1 - r), dh * (before - n) * z * (1 - z), dn)
    for block, slope in zip(np.split(gates, 4, axis=1), slopes, strict=True):
        np.copyto(block, slope)
    np.multiply(dh, z, out=straight)
    _pass_on(valid, dh, straight, gates)


def _sigmoid(z: Array) -> Array:
    s = np.empty_like(z)
    activation.sigmoid(z, s)
    return s


def _sum(through: Array, straight: Array, dy: Array | None) -> Array:
    dh: Array = through + straight
    return dh if dy is None else dh + dy


def _carry(valid: Array | None, before: Array, now: Array) -> None:
    """At padding, ``before`` is copied to ``now``."""
    if valid is not None:
        np.copyto(now, before, where=~valid[:, None])


def _pass_on(valid: Array | None, dh: Array, straight: Array, gates: Array) -> None:
    """At padding, all of the gradient goes around the gates."""
    if valid is not None:
        np.copyto(straight, dh, where=~valid[:, None])
        gates[~valid] = 0
