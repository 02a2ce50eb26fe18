"""LAMB: Adam's steps, with lengths proportional to the norm of each parameter."""

from __future__ import annotations

import math
from typing import ClassVar

import numpy as np

from dlrun.arrays import Shape
from dlrun.nn.kernels import Kernels
from dlrun.nn.optimizers.base import Optimizer, Pace, WeightBlock, optimizer
from dlrun.nn.parallel.threads import Work
from dlrun.spec.fields import Fraction, Positive, Positive32


@optimizer("lamb")
class LAMB(Optimizer):
    """Adam for large batches: each step's length is proportional to its parameter's norm.

    w -= lr |w| / |r| r, where r is Adam's step with weight decay, and |.| the norm over a whole
    parameter. ``weight_decay`` is part of r, so it changes the direction of the step, not its
    length.  Parameters without weight decay (biases, scales and shifts of norms) take Adam's step,
    w -= lr r.  Each gate of lstm and gru, the queries, keys and values of attention, and each group
    of a convolution count as separate parameters. You et al., "Large batch optimization for deep
    learning: training BERT in 76 minutes", ICLR 2020.
    """

    whole: ClassVar = True

    lr: Positive = 1e-3
    beta1: Fraction = 0.9
    """Decay rate of the mean gradient per step."""
    beta2: Fraction = 0.999
    """Decay rate of the mean square per step."""
    eps: Positive32 = 1e-6
    """Avoids division by zero."""

    def slots(self) -> tuple[str, ...]:
        """The running means m and v."""
        return ("mean", "square")

    def scratch(self, shape: Shape, hidden: bool, blocks: int) -> int:
        """Copies of weights, gradients and both means of one of several matrices side by side."""
        return 4 * math.prod(shape) // blocks if blocks > 1 else 0

    def bind(self, of: WeightBlock, pace: Pace, kernels: Kernels) -> Work:
        """One step on the parameter."""
        lamb, adam = kernels.adam.lamb, kernels.adam.adam
        shaped = of.value, of.grad, of.state["mean"], of.state["square"]
        w, g, m, v = (array.reshape(-1) for array in shaped)
        beta1, beta2, eps, decay = self.beta1, self.beta2, self.eps, of.decay
        if not of.kernel:
            return lambda: adam(w, g, m, v, None, pace.lr, beta1, beta2, eps, decay, pace.step)
        if of.blocks == 1:
            return lambda: lamb(w, g, m, v, pace.lr, beta1, beta2, eps, decay, pace.step)
        columns = of.value.shape[-1] // of.blocks
        apart = [array.reshape(-1, of.blocks, columns).swapaxes(0, 1) for array in shaped]
        own = [np.empty(array.shape[1:], array.dtype) for array in apart]
        own_w, own_g, own_m, own_v = (array.reshape(-1) for array in own)

        def step() -> None:
            for matrices in zip(*apart, strict=True):
                for array, matrix in zip(own, matrices, strict=True):
                    np.copyto(array, matrix)
                lamb(own_w, own_g, own_m, own_v, pace.lr, beta1, beta2, eps, decay, pace.step)
                for array, matrix in zip(own, matrices, strict=True):
                    np.copyto(matrix, array)

        return step
