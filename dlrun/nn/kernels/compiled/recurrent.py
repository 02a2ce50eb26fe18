"""One step of recurrent layers: see ``reference.recurrent`` for what each computes."""

from __future__ import annotations

from dlrun.arrays import Array
from dlrun.nn.kernels.compiled import elementary
from dlrun.nn.kernels.compiled.jit import kernel, part


@kernel
def rnn(
    gates: Array,
    recurrent: Array,
    bias: Array,
    before: Array,
    valid: Array | None,
    state: Array,
    rectify: bool,
) -> None:
    """h = tanh(x W + h' U + b), or max(..., 0) if ``rectify``."""
    rows, units = state.shape
    zero = state.dtype.type(0)
    for row in range(rows):
        x, u, h = gates[row], recurrent[row], state[row]
        if valid is not None and not valid[row]:
            h[:] = before[row]
        elif rectify:
            for c in range(units):
                z = x[c] + u[c] + bias[c]
                h[c] = zero if z < zero else z
        else:
            for c in range(units):
                h[c] = elementary.tanh(x[c] + u[c] + bias[c])


@kernel
def rnn_backward(
    gates: Array,
    state: Array,
    valid: Array | None,
    through: Array,
    dy: Array | None,
    straight: Array,
    rectify: bool,
) -> None:
    """dz = dh (1 - h^2), or dh where h > 0; written to ``gates``."""
    rows, units = state.shape
    zero, one = state.dtype.type(0), state.dtype.type(1)
    for row in range(rows):
        dz, h, dh = gates[row], state[row], straight[row]
        _gather(through, dy, row, dh)
        if valid is not None and not valid[row]:
            dz[:] = zero
        elif rectify:
            for c in range(units):
                dz[c] = dh[c] if h[c] > zero else zero
                dh[c] = zero
        else:
            for c in range(units):
                dz[c] = dh[c] * (one - h[c] * h[c])
                dh[c] = zero


@kernel
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
    """c = f c' + i g and h = o tanh(c); i, f, o are sigmoids, g a tanh, of x W + h' U + b."""
    rows, n = state.shape
    bi, bf, bg, bo = bias[:n], bias[n : 2 * n], bias[2 * n : 3 * n], bias[3 * n :]
    for row in range(rows):
        h, c, c_before = state[row], cell[row], cell_before[row]
        if valid is not None and not valid[row]:
            h[:] = before[row]
            c[:] = c_before
            continue
        x, u = gates[row], recurrent[row]
        xi, xf, xg, xo = x[:n], x[n : 2 * n], x[2 * n : 3 * n], x[3 * n :]
        ui, uf, ug, uo = u[:n], u[n : 2 * n], u[2 * n : 3 * n], u[3 * n :]
        for k in range(n):
            i = elementary.sigmoid(xi[k] + ui[k] + bi[k])
            f = elementary.sigmoid(xf[k] + uf[k] + bf[k])
            g = elementary.tanh(xg[k] + ug[k] + bg[k])
            o = elementary.sigmoid(xo[k] + uo[k] + bo[k])
            xi[k], xf[k], xg[k], xo[k] = i, f, g, o
            now = f * c_before[k] + i * g
            c[k] = now
            h[k] = o * elementary.tanh(now)


@kernel
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
    """Gradients of the gates before their sigmoid or tanh."""
    rows, n = cell.shape
    zero, one = cell.dtype.type(0), cell.dtype.type(1)
    for row in range(rows):
        x, dh = gates[row], straight[row]
        _gather(through, dy, row, dh)
        if valid is not None and not valid[row]:
            x[:] = zero
            continue
        c, c_before, dc = cell[row], cell_before[row], dcell[row]
        xi, xf, xg, xo = x[:n], x[n : 2 * n], x[2 * n : 3 * n], x[3 * n :]
        for k in range(n):
            i, f, g, o = xi[k], xf[k], xg[k], xo[k]
            t, slope = elementary.tanh(c[k]), dh[k]
            d = dc[k] + slope * o * (one - t * t)
            xi[k] = d * g * i * (one - i)
            xf[k] = d * c_before[k] * f * (one - f)
            xg[k] = d * i * (one - g * g)
            xo[k] = slope * t * o * (one - o)
            dc[k] = d * f
            dh[k] = zero


@kernel
def gru(
    gates: Array,
    recurrent: Array,
    bias: Array,
    inner_bias: Array,
    before: Array,
    valid: Array | None,
    state: Array,
) -> None:
    """h = (1 - z) n + z h' with n = tanh(x W_n + b_n + r m), m = h' U_n + c."""
    rows, n = state.shape
    one = state.dtype.type(1)
    br, bz, bn = bias[:n], bias[n : 2 * n], bias[2 * n :]
    for row in range(rows):
        h, h_before = state[row], before[row]
        if valid is not None and not valid[row]:
            h[:] = h_before
            continue
        x, u = gates[row], recurrent[row]
        xm, xr, xz, xn = x[:n], x[n : 2 * n], x[2 * n : 3 * n], x[3 * n :]
        ur, uz, un = u[:n], u[n : 2 * n], u[2 * n :]
        for k in range(n):
            m = un[k] + inner_bias[k]
            r = elementary.sigmoid(xr[k] + ur[k] + br[k])
            z = elementary.sigmoid(xz[k] + uz[k] + bz[k])
            new = elementary.tanh(xn[k] + bn[k] + r * m)
            xm[k], xr[k], xz[k], xn[k] = m, r, z, new
            h[k] = (one - z) * new + z * h_before[k]


@kernel
def gru_backward(
    gates: Array,
    before: Array,
    valid: Array | None,
    through: Array,
    dy: Array | None,
    straight: Array,
) -> None:
    """Gradients of m, and of r, z, n before their sigmoid or tanh."""
    rows, n = before.shape
    zero, one = before.dtype.type(0), before.dtype.type(1)
    for row in range(rows):
        x, dh = gates[row], straight[row]
        _gather(through, dy, row, dh)
        if valid is not None and not valid[row]:
            x[:] = zero
            continue
        h_before = before[row]
        xm, xr, xz, xn = x[:n], x[n : 2 * n], x[2 * n : 3 * n], x[3 * n :]
        for k in range(n):
            m, r, z, new = xm[k], xr[k], xz[k], xn[k]
            d = dh[k] * (one - z) * (one - new * new)
            xm[k] = d * r
            xr[k] = d * m * r * (one - r)
            xz[k] = dh[k] * (h_before[k] - new) * z * (one - z)
            xn[k] = d
            dh[k] = dh[k] * z


@part
def _gather(through: Array, dy: Array | None, row: int, dh: Array) -> None:
    """Add the other two parts of a row's gradient to ``straight``."""
    back = through[row]
    if dy is None:
        for c in range(dh.size):
            dh[c] += back[c]
    else:
        given = dy[row]
        for c in range(dh.size):
            dh[c] += back[c] + given[c]
