"""LAMB: Adam's steps, as long in relation to a parameter as everywhere else."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np

from dlrun.arrays import Shape
from dlrun.nn.kernels import Kernels
from dlrun.nn.optimizer import Optimizer, Pace, Weights, optimizer
from dlrun.nn.threads import Work
from dlrun.spec.fields import Fraction, Positive


@optimizer("lamb")
class LAMB(Optimizer):
    """w -= lr |w| / |r| r, where r is Adam's step with weight decay; |.| is of a whole parameter.

    ``weight_decay`` is part of r, so it turns the step and leaves its length.  What does not decay,
    biases and the scales and shifts of norms, takes Adam's step, w -= lr r.  Each gate of lstm and
    gru, queries, keys and values of attention, and each group of a convolution is a parameter.
    You et al., "Large batch optimization for deep learning: training BERT in 76 minutes", ICLR
    2020.
    """

    whole: ClassVar = True

    lr: Positive = 1e-3
    beta1: Fraction = 0.9
    """How much of the mean gradient is kept in a step."""
    beta2: Fraction = 0.999
    """How much of the mean square is kept in a step."""
    eps: Positive = 1e-6
    """Keeps the division finite."""

    def slots(self) -> tuple[str, ...]:
        """Both means."""
        return ("mean", "square")

    def scratch(self, shape: Shape, hidden: bool, blocks: int) -> int:
        """Weights, gradients and both means of a matrix that others lie beside."""
        return 4 * math.prod(shape) // blocks if blocks > 1 else 0

    def bind(self, of: Weights, pace: Pace, kernels: Kernels) -> Work:
        """One step on the parameter."""
        lamb, adam = kernels.adam.lamb, kernels.adam.adam
        shaped = of.value, of.grad, of.state["mean"], of.state["square"]
        arrays = [each.reshape(-1) for each in shaped]
        rates = self.beta1, self.beta2, self.eps, of.decay
        if not of.kernel:
            return lambda: adam(*arrays, None, pace.lr, *rates, pace.step)
        if of.blocks == 1:
            return lambda: lamb(*arrays, pace.lr, *rates, pace.step)
        columns = of.value.shape[-1] // of.blocks
        apart = [each.reshape(-1, of.blocks, columns).swapaxes(0, 1) for each in shaped]
        own = [np.empty(each.shape[1:], each.dtype) for each in apart]
        flat = [each.reshape(-1) for each in own]

        def step() -> None:
            for matrices in zip(*apart, strict=True):
                for array, matrix in zip(own, matrices, strict=True):
                    np.copyto(array, matrix)
                lamb(*flat, pace.lr, *rates, pace.step)
                for array, matrix in zip(own, matrices, strict=True):
                    np.copyto(matrix, array)

        return step
