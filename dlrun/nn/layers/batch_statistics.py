"""Binding of batch normalization: with the statistics of the batch, or with running averages."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from dlrun.arrays import Array
from dlrun.nn.layers.base import Arrays, Bound, Context, Meeting, Tensor, Tensors


class Passes(NamedTuple):
    """Passes of a batch normalization over the data of a chunk, given the statistics.

    Attributes:
        normalize: writes the output, from mean and 1 / standard deviation.
        slope_sums: writes the sums of the output's gradient, from these, into the last argument.
        backward: writes the input's gradient, from these, the gradients of shift and scale, and
            1 / rows of the batch.
    """

    normalize: Callable[[Array, Array], None]
    slope_sums: Callable[[Array, Array, Array], None]
    backward: Callable[[Array, Array, Array, Array, float], None]


def bind_to_batch(
    passes: Passes, x: Tensor, y: Tensor, parameters: Tensors, scratch: Arrays, context: Context
) -> Bound:
    """Bind a chunk, to be normalized with the statistics that ``combine`` computes."""
    k, rows = context.kernels.norm, x.value.reshape(-1, x.value.shape[-1])
    mean, inverse, sums = scratch["mean"], scratch["inverse"], scratch["sums"]
    dscale, dshift = parameters["scale"].grad, parameters["shift"].grad
    mask, count, total = context.mask, scratch["rows"], scratch["total"]

    def gather() -> None:
        counted = rows if mask is None else _valid(x.value, mask)
        count[0] = len(counted)
        if len(counted):
            k.sums(counted, sums)

    def forward() -> None:
        passes.normalize(mean, inverse)

    if y.grad is None or dscale is None or dshift is None:
        return Bound(forward, gather=gather)

    def gather_back() -> None:
        passes.slope_sums(mean, inverse, sums)

    def backward() -> None:
        if x.grad is not None:
            # Running averages depend on no row of the batch.
            share = 1.0 / total[0] if total[0] > 1 else 0.0
            passes.backward(mean, inverse, dshift, dscale, share)
            if mask is not None:  # the statistics do not depend on padding
                np.copyto(x.grad, 0, where=_over(mask == 0, x.grad))

    return Bound(forward, backward, gather, gather_back)


def bind_to_averages(
    passes: Passes, x: Tensor, y: Tensor, parameters: Tensors, scratch: Arrays, eps: float
) -> Bound:
    """Bind a chunk, to be normalized with the running averages, which depend on no sample."""
    mean, spread, sums = parameters["mean"].value, parameters["variance"].value, scratch["sums"]
    inverse, zeros = np.empty_like(mean), np.zeros_like(mean)
    dscale, dshift = parameters["scale"].grad, parameters["shift"].grad

    def forward() -> None:
        np.reciprocal(np.sqrt(spread + eps), out=inverse)
        passes.normalize(mean, inverse)

    if y.grad is None or dscale is None or dshift is None:
        return Bound(forward)

    def backward() -> None:
        passes.slope_sums(mean, inverse, sums)
        dshift[...], dscale[...] = sums[0], sums[1]
        if x.grad is not None:
            passes.backward(mean, inverse, zeros, zeros, 0.0)

    return Bound(forward, backward)


def combine(
    parameters: Tensors, scratch: Arrays, context: Context, eps: float, momentum: float
) -> Meeting:
    """Bind the statistics, and the gradients of scale and shift, to the sums of all chunks."""
    k, sums = context.kernels.norm, scratch["sums"]
    mean, inverse = scratch["mean"], scratch["inverse"]
    running, spread = parameters["mean"].value, parameters["variance"].value
    statistics = mean, inverse, running, spread
    counts, total = scratch["rows"][:, 0], scratch["total"]

    def forward() -> None:
        total[0] = counts.sum()
        if total[0] < 2:  # no variance: as with a batch of one sample, or of padding alone
            mean[...] = running
            np.reciprocal(np.sqrt(spread + eps), out=inverse)
        elif counts.all():
            k.merge(sums, counts, eps, momentum, *statistics)
        else:  # some chunks contain only padding
            some = counts > 0
            k.merge(sums[some], counts[some], eps, momentum, *statistics)

    dscale, dshift = parameters["scale"].grad, parameters["shift"].grad

    def backward() -> None:
        np.sum(sums[:, 0], axis=0, out=dshift)
        np.sum(sums[:, 1], axis=0, out=dscale)

    return Meeting(forward, backward)


def _valid(x: Array, mask: Array) -> Array:
    """The rows of (batch, time, ..., channels) at valid steps."""
    rows: Array = x[mask != 0].reshape(-1, x.shape[-1])
    return rows


def _over(steps: Array, x: Array) -> Array:
    """(batch, time), with axes of length 1 for the others of x."""
    return steps.reshape(*steps.shape, *(1,) * (x.ndim - 2))
