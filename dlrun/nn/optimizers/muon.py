"""Muon: momentum whose directions are all made equally strong."""

from __future__ import annotations

import math
from typing import ClassVar, Literal

import numpy as np
from pydantic import PositiveInt

from dlrun.arrays import Array, Shape
from dlrun.nn.kernels import Kernels
from dlrun.nn.newton_schulz import NewtonSchulz
from dlrun.nn.optimizer import Optimizer, Pace, Weights, optimizer
from dlrun.nn.threads import Work, chain
from dlrun.spec.fields import Fraction, Positive


@optimizer("muon")
class Muon(Optimizer):
    """w -= lr scale U V^T, where U S V^T is the momentum of a hidden matrix; AdamW for the rest.

    A filter bank (height, width, channels, filters) is a matrix with a column for each filter.
    Each gate of lstm and gru, queries, keys and values of attention, and each group of a
    convolution is a matrix.  Vectors, tables of embeddings, depthwise filters, and the matrix that
    gives the output take Adam's step, with lr times ``rest``.
    Jordan et al., "Muon: an optimizer for hidden layers in neural networks", 2024; scale
    ``match_rms``: Liu et al., "Muon is scalable for LLM training", 2025.
    """

    whole: ClassVar = True

    lr: Positive = 1e-3
    momentum: Fraction = 0.95
    """How much of the mean gradient of a matrix is kept in a step."""
    nesterov: bool = True
    """Take the gradient as it will be behind the momentum's step."""
    iterations: PositiveInt = 5
    """Of Newton and Schulz, which make the directions equal, nearly."""
    scale: Literal["match_rms", "original"] = "match_rms"
    """0.2 sqrt(max(rows, columns)), which makes steps as long as Adam's, so that one rate fits all;
    or sqrt(max(1, columns / rows)), with a rate of about 0.02 and a ``rest`` of about 0.02."""
    rest: Positive = 1.0
    """What the rate is multiplied by where the step is Adam's."""
    beta1: Fraction = 0.9
    """Adam's: how much of the mean gradient is kept in a step."""
    beta2: Fraction = 0.999
    """Adam's: how much of the mean square is kept in a step."""
    eps: Positive = 1e-8
    """Adam's: keeps the division finite."""

    def slots(self) -> tuple[str, ...]:
        """Both means; of a matrix the first alone is used."""
        return ("mean", "square")

    def scratch(self, shape: Shape, hidden: bool, blocks: int) -> int:
        """Matrices and what they are multiplied in."""
        if not hidden or not _matrices(shape, blocks):
            return 0
        side = min(math.prod(shape[:-1]), shape[-1] // blocks)
        return 2 * math.prod(shape) + 2 * blocks * side * side

    def bind(self, of: Weights, pace: Pace, kernels: Kernels) -> Work:
        """One step on the parameter."""
        if of.hidden and _matrices(of.value.shape, of.blocks):
            return self._matrix(of, pace, kernels)
        shaped = of.value, of.grad, of.state["mean"], of.state["square"]
        arrays = [each.reshape(-1) for each in shaped]
        adam, rest = kernels.adam.adam, self.rest
        rates = self.beta1, self.beta2, self.eps, of.decay
        return lambda: adam(*arrays, None, rest * pace.lr, *rates, pace.step)

    def _matrix(self, of: Weights, pace: Pace, kernels: Kernels) -> Work:
        columns = of.value.shape[-1]
        w, g, m = (each.reshape(-1, columns) for each in (of.value, of.grad, of.state["mean"]))
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
        """Make the directions of a matrix equal, if need be in a copy that lies in one piece."""
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
    """Whether a parameter is one matrix, or several side by side that are no mere vectors."""
    if blocks == 1:
        return len(shape) >= 2
    return min(math.prod(shape[:-1]), shape[-1] // blocks) > 1
