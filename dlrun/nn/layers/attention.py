"""Self-attention."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import ClassVar

import numpy as np
from pydantic import PositiveInt

from dlrun.arrays import Array, Shape
from dlrun.errors import ShapeError
from dlrun.nn.initializers.base import Initializer
from dlrun.nn.initializers.zeros import Zeros
from dlrun.nn.kernels import Kernels
from dlrun.nn.layers.base import (
    Arrays,
    Bound,
    Buffer,
    Context,
    Layer,
    Parameter,
    Tensor,
    Tensors,
    layer,
)
from dlrun.nn.parallel.matmul import PIECE, products, sum_of_rows
from dlrun.nn.parallel.partition import cut
from dlrun.nn.parallel.threads import Work, chain
from dlrun.nn.steps import TIME_FIRST, Steps
from dlrun.rng import Stream, key
from dlrun.spec.fields import Fraction

_BLOCK_BYTES = 256 * 1024
"""Largest size of the attention weights of a block of samples: a quarter of an L2 cache."""

Drop = Callable[[Array, Array], None]
"""Writes an array with dropout, from (array, result)."""


@layer("multi_head_attention")
class MultiHeadAttention(Layer):
    """Multi-head self-attention: concat(softmax(q k' / sqrt(d)) v) W + b.

    Queries q, keys k and values v are affine maps of the steps, divided into ``heads`` of length d.
    Vaswani et al., "Attention is all you need", NeurIPS 2017.  Keys at padding are ignored.
    The weights of all pairs of steps are kept for backward: heads * time^2 elements per sample.

    Shape: (batch, time, features), unchanged.
    """

    keeps: ClassVar = "x"
    batchwide: ClassVar = True  # for the reason that dense has
    padding_advice: ClassVar = TIME_FIRST

    heads: PositiveInt
    """Number of heads; the number of features must be a multiple of it."""
    causal: bool = False
    """Each step attends only to itself and to earlier steps."""
    dropout: Fraction = 0.0
    """Probability that an attention weight becomes 0 while training."""
    bias: bool = True
    """Add a learned bias to queries, keys, values and output."""
    initializer: Initializer | None = None
    """Initial weights of all kernels; by default those of the spec's `initializer`."""

    def output_shape(self, x: Shape) -> Shape:
        """Unchanged."""
        if len(x) != 2:
            raise ShapeError(f"multi_head_attention needs (time, features), got {x}")
        if x[1] % self.heads:
            raise ShapeError(
                f"multi_head_attention cannot divide {x[1]} features among {self.heads} heads; "
                "make the features a multiple of the heads"
            )
        return x

    def steps(self, x: Shape, axis: int) -> Steps:
        """They stay; padding is ignored."""
        return super().steps(x, axis) if axis else Steps()

    def parameters(self, x: Shape) -> Mapping[str, Parameter]:
        """Kernel (n, 3 n) of queries, keys and values, output kernel (n, n), and their biases."""
        n, first = x[1], self.initializer
        kernels = {
            "kernel": Parameter((n, 3 * n), first, fan_in=n, fan_out=n, blocks=3),
            "output_kernel": Parameter((n, n), first, fan_in=n, fan_out=n),
        }
        if not self.bias:
            return kernels
        return {
            **kernels,
            "bias": Parameter((3 * n,), Zeros(), decay=False),
            "output_bias": Parameter((n,), Zeros(), decay=False),
        }

    def scratch(self, x: Shape) -> Mapping[str, Buffer]:
        """Queries, keys and values; attention weights; outputs of the heads; the current block."""
        time, n = x
        pairs = (self.heads, time, time)
        return {
            "projected": Buffer((time, 3 * n), kept=True),
            "slopes": Buffer((time, 3 * n)),
            "weights": Buffer(pairs, kept=True),
            "found": Buffer(x, kept=True),
            "dfound": Buffer(x),
            "turned": Buffer((self.heads, n // self.heads, time)),
            "pairs": Buffer(pairs),
        }

    def multiply_adds(self, x: Shape) -> int:
        """Four square kernels at every step, and two dot products for every pair of steps."""
        time, n = x
        return 4 * time * n * n + 2 * time * time * n

    def bind(
        self, x: Tensor, y: Tensor, parameters: Tensors, scratch: Arrays, context: Context
    ) -> Bound:
        """Close over the arrays: affine maps of all steps as rows, attention sample by sample."""
        batch, time, n = x.value.shape
        x_rows, y_rows = x.value.reshape(-1, n), y.value.reshape(-1, n)
        projected, found = scratch["projected"].reshape(-1, 3 * n), scratch["found"].reshape(-1, n)
        work = float(batch * self.multiply_adds((time, n)))
        each = context.each_for(work)
        parts = cut(batch, 2.0 * batch * time * time * n, PIECE / 4)
        heads = _Heads(self, scratch, context)
        k = context.kernels
        project = each(products(k, x_rows, parameters["kernel"].value, projected))
        look = each([heads.forward(rows) for rows in parts])
        join = each(products(k, found, parameters["output_kernel"].value, y_rows))
        bias, output_bias = parameters.get("bias"), parameters.get("output_bias")

        def forward() -> None:
            project()
            if bias is not None:
                np.add(projected, bias.value, out=projected)
            look()
            join()
            if output_bias is not None:
                np.add(y_rows, output_bias.value, out=y_rows)

        kernel, output_kernel = parameters["kernel"].grad, parameters["output_kernel"].grad
        if y.grad is None or kernel is None or output_kernel is None:
            return Bound(forward)
        dy, dfound = y.grad.reshape(-1, n), scratch["dfound"].reshape(-1, n)
        slopes = scratch["slopes"].reshape(-1, 3 * n)
        part_ways = each(
            [
                *products(k, dy, parameters["output_kernel"].value.T, dfound),
                *products(k, found.T, dy, output_kernel),
                *_bias_slope(k, dy, output_bias),
            ]
        )
        look_back = each([heads.backward(rows) for rows in parts])
        learn = [
            *products(k, x_rows.T, slopes, kernel),
            *_bias_slope(k, slopes, bias),
        ]
        if x.grad is not None:
            learn += products(
                context.kernels, slopes, parameters["kernel"].value.T, x.grad.reshape(-1, n)
            )
        leave = each(learn)

        def backward() -> None:
            part_ways()
            look_back()
            leave()

        return Bound(forward, backward)


def _bias_slope(k: Kernels, slopes: Array, bias: Tensor | None) -> list[Work]:
    return [] if bias is None or bias.grad is None else [sum_of_rows(k, slopes, bias.grad)]


class _Heads:
    """The attention between the affine maps, for some samples at a time."""

    def __init__(self, layer: MultiHeadAttention, scratch: Arrays, context: Context) -> None:
        self.s, self.context = scratch, context
        self.mask = context.mask
        self.heads, self.causal = layer.heads, layer.causal
        self.share = 1.0 - layer.dropout if context.training else 1.0
        time, width = scratch["found"].shape[1:]
        self.length = width // layer.heads
        self.scale = 1.0 / math.sqrt(self.length)
        self.pairs = layer.heads * time * time
        self.block = max(1, _BLOCK_BYTES // (4 * self.pairs))

    def forward(self, rows: slice) -> Work:
        """Compute the attention weights and the outputs of the heads."""
        return chain([self._forward(block) for block in self._blocks(rows)])

    def backward(self, rows: slice) -> Work:
        """Compute the gradients of queries, keys and values."""
        return chain([self._backward(block) for block in self._blocks(rows)])

    def _blocks(self, rows: slice) -> list[slice]:
        starts = range(rows.start, rows.stop, self.block)
        return [slice(start, min(start + self.block, rows.stop)) for start in starts]

    def _forward(self, rows: slice) -> Work:
        q, k, v = self._split(self.s["projected"][rows])
        found = self._split(self.s["found"][rows])[0]
        weights, turned = self.s["weights"][rows], self.s["turned"][rows]
        mask = None if self.mask is None else self.mask[rows]
        attend, scale, causal = self.context.kernels.attention.attend, self.scale, self.causal
        drop, dropped = self._drop(rows), self.s["pairs"][rows]
        compare = self._product(q, turned, weights)
        collect = self._product(weights if drop is None else dropped, v, found)

        def work() -> None:
            np.copyto(turned, k.swapaxes(2, 3))  # BLAS is slow with small transposed matrices
            compare()
            attend(weights, scale, mask, causal)
            if drop is not None:
                drop(weights, dropped)
            collect()

        return work

    def _backward(self, rows: slice) -> Work:
        q, k, v = self._split(self.s["projected"][rows])
        dq, dk, dv = self._split(self.s["slopes"][rows])
        dfound = self._split(self.s["dfound"][rows])[0]
        weights, turned = self.s["weights"][rows], self.s["turned"][rows]
        backward, scale = self.context.kernels.attention.attend_backward, self.scale
        drop, pairs = self._drop(rows), self.s["pairs"][rows]
        across = pairs.swapaxes(2, 3)
        to_values = self._product(weights.swapaxes(2, 3) if drop is None else across, dfound, dv)
        to_pairs = self._product(dfound, turned, pairs)
        to_queries, to_keys = self._product(pairs, k, dq), self._product(across, q, dk)

        def work() -> None:
            if drop is not None:
                drop(weights, pairs)
            to_values()
            np.copyto(turned, v.swapaxes(2, 3))
            to_pairs()
            if drop is not None:
                drop(pairs, pairs)
            backward(weights, scale, pairs)
            to_queries()
            to_keys()

        return work

    def _product(self, a: Array, b: Array, out: Array) -> Work:
        work: Work = self.context.kernels.matmul.product(a, b, out)
        return work

    def _split(self, columns: Array) -> list[Array]:
        """(samples, time, n widths) as n views (samples, heads, time, length)."""
        samples, time, _ = columns.shape
        apart = columns.reshape(samples, time, -1, self.heads, self.length)
        return list(apart.transpose(2, 0, 3, 1, 4))

    def _drop(self, rows: slice) -> Drop | None:
        """Dropout of the weights of some samples, the same in forward and backward."""
        if self.share == 1.0:
            return None
        clock, node, share = self.context.clock, self.context.node, self.share
        drop, first = self.context.kernels.dropout.drop, rows.start * self.pairs

        def work(given: Array, target: Array) -> None:
            bits = key(clock.seed, Stream.DROPOUT, clock.epoch, clock.step, node)
            drop(given.reshape(-1), target.reshape(-1), bits, first, share)

        return work
