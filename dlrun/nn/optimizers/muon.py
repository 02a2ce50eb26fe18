"""Muon: momentum with orthogonalized updates."""

from __future__ import annotations

import math
from typing import ClassVar, Literal

import numpy as np
from pydantic import PositiveInt

from dlrun.arrays import Array, Shape
from dlrun.nn.kernels import Kernels
from dlrun.nn.optimizers.base import Optimizer, Pace, WeightBlock, optimizer
from dlrun.nn.optimizers.newton_schulz import NewtonSchulz
from dlrun.nn.parallel.threads import Work, chain
from dlrun.spec.fields import Fraction, Positive, Positive32


@optimizer("muon")
class Muon(Optimizer):
    """Momentum with orthogonalized updates for hidden weight matrices, AdamW for all others.

    w -= lr scale U V^T, where U S V^T is the momentum of a hidden matrix. A filter bank (height,
    width, channels, filters) is a matrix with one column per filter. Each gate of lstm and gru, the
    queries, keys and values of attention, and each group of a convolution are separate matrices.
    Vectors, embedding tables, depthwise filters and the output layer's matrix take Adam's step,
    with learning rate lr times ``rest``. Jordan et al., "Muon: an optimizer for hidden layers in
    neural networks", 2024; scale ``match_rms``: Liu et al., "Muon is scalable for LLM training",
    2025.
    """

    whole: ClassVar = True

    lr: Positive = 1e-3
    momentum: Fraction = 0.95
    """Decay rate of a matrix's mean gradient per step."""
    nesterov: bool = True
    """Use Nesterov momentum."""
    iterations: PositiveInt = 5
    """Number of Newton-Schulz iterations, which orthogonalize the update approximately."""
    scale: Literal["match_rms", "original"] = "match_rms"
    """``match_rms``: 0.2 sqrt(max(rows, columns)), which makes steps of Adam's length, so that one
    learning rate fits all; ``original``: sqrt(max(1, columns / rows)), which needs a learning rate
    of about 0.02 and a ``rest`` of about 0.02."""
    rest: Positive = 1.0
    """Factor on the learning rate of all weights that take Adam's step."""
    beta1: Fraction = 0.9
    """For Adam's step: decay rate of the mean gradient."""
    beta2: Fraction = 0.999
    """For Adam's step: decay rate of the mean square."""
    eps: Positive32 = 1e-8
    """For Adam's step: avoids division by zero."""

    def slots(self) -> tuple[str, ...]:
        """The running means m and v; for a matrix only m is used."""
        return ("mean", "square")

    def scratch(self, shape: Shape, hidden: bool, blocks: int) -> int:
        """Copies of matrices, and the memory for their multiplications."""
        if not hidden or not _matrices(shape, blocks):
            return 0
        side = min(math.prod(shape[:-1]), shape[-1] // blocks)
        return 2 * math.prod(shape) + 2 * blocks * side * side

    def bind(self, of: WeightBlock, pace: Pace, kernels: Kernels) -> Work:
        """One step on the parameter."""
        if of.hidden and _matrices(of.value.shape, of.blocks):
            return self._matrix(of, pace, kernels)
        shaped = of.value, of.grad, of.state["mean"], of.state["square"]
        w, g, m, v = (array.reshape(-1) for array in shaped)
        adam, rest, decay = kernels.adam.adam, self.rest, of.decay
        beta1, beta2, eps = self.beta1, self.beta2, self.eps
        return lambda: adam(w, g, m, v, None, rest * pace.lr, beta1, beta2, eps, decay, pace.step)

    def _matrix(self, of: WeightBlock, pace: Pace, kernels: Kernels) -> Work:
        columns = of.value.shape[-1]
        w, g, m = (array.reshape(-1, columns) for array in (of.value, of.grad, of.state["mean"]))
        direction = np.empty_like(m)
        approach, scale_by = kernels.gradient.approach, kernels.gradient.scale
        width = columns // of.blocks
        beside = [direction[:, start : start + width] for start in range(0, columns, width)]
        equalize = chain([self._equalize(matrix) for matrix in beside])
        new, scale = 1.0 - self.momentum, self._scale(len(w), width)

        def step() -> None:
            approach(m.reshape(-1), g.reshape(-1), new)
            np.copyto(direction, m)
            if self.nesterov:
                np.copyto(direction, g)
                approach(direction.reshape(-1), m.reshape(-1), self.momentum)
            equalize()
            scale_by(w.reshape(-1), 1 - pace.lr * of.decay)
            np.multiply(direction, pace.lr * scale, out=direction)
            np.subtract(w, direction, out=w)

        return step

    def _equalize(self, matrix: Array) -> Work:
        """Orthogonalize a matrix, in a contiguous copy if it is not contiguous."""
        if matrix.flags.c_contiguous:
            return NewtonSchulz(matrix, self.iterations)
        own = np.empty(matrix.shape, matrix.dtype)
        equalize = NewtonSchulz(own, self.iterations)

        def work() -> None:
            np.copyto(own, matrix)
            equalize()
            np.copyto(matrix, own)

        return work

    def _scale(self, rows: int, columns: int) -> float:
        if self.scale == "original":
            return math.sqrt(max(1.0, columns / rows))
        return 0.2 * math.sqrt(max(rows, columns))


def _matrices(shape: Shape, blocks: int) -> bool:
    """Whether a parameter is one matrix, or several side by side, each more than a vector."""
    if blocks == 1:
        return len(shape) >= 2
    return min(math.prod(shape[:-1]), shape[-1] // blocks) > 1
