"""Recurrent layers: a state that goes from time step to time step."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal

import numpy as np
from pydantic import PositiveInt

from dlrun.arrays import Shape
from dlrun.errors import ShapeError
from dlrun.nn.initializers.base import Initializer
from dlrun.nn.layers.base import Arrays, Bound, Buffer, Context, Parameter, Tensor, Tensors
from dlrun.nn.layers.recurrent_cell import Cell
from dlrun.nn.layers.recurrent_direction import PREFIXES, Direction, Sizes, by_time, rows_of
from dlrun.nn.parallel.matmul import PIECE
from dlrun.nn.parallel.partition import cut
from dlrun.nn.steps import TIME_FIRST, Steps
from dlrun.spec.fields import Positive

_ROWS = 32
"""Samples that run through time together: with fewer, matrix multiplications are much slower."""


class Recurrent(Cell):
    """The base of layers whose state goes from step to step.

    Arrays in memory have time as first axis, so that the rows of a step are side by side.  At
    padding the state stays as it is, in either direction.
    """

    # Samples are independent, but matrix multiplications with few of them are slow: the batch is
    # divided into fewer parts than chunks, and kernels get their gradients from all of it at once.
    batchwide: ClassVar = True
    padding_advice: ClassVar = TIME_FIRST

    units: PositiveInt
    """Length of the state in each direction."""
    output: Literal["last", "sequence"] = "last"
    """The state after the last valid step, or the states after all steps."""
    bidirectional: bool = False
    """Run forward and backward in time, with separate weights, and concatenate both states."""
    clip: Positive | None = None
    """Bound on each element of the gradient from the next step through the recurrent kernel; null
    for none."""
    initializer: Initializer | None = None
    """Initial weights of the input kernel; by default those of the spec's `initializer`."""
    recurrent_initializer: Initializer | None = None
    """Initial weights of the recurrent kernel; by default those of the spec's `initializer`."""

    def output_shape(self, x: Shape) -> Shape:
        """(time, states) or (states,)."""
        if len(x) != 2:
            raise ShapeError(f"{self.kind} needs (time, features), got {x}")
        states = self.units * len(self._prefixes())
        return (x[0], states) if self.output == "sequence" else (states,)

    def bounds(self) -> tuple[float, float]:
        """A state is a mean of values of a tanh, or at most as large as one."""
        return (-1.0, 1.0)

    def steps(self, x: Shape, axis: int) -> Steps:
        """They stay, or only the last valid one is used."""
        if axis:
            return super().steps(x, axis)
        return Steps(0 if self.output == "sequence" else None)

    def parameters(self, x: Shape) -> Mapping[str, Parameter]:
        """Kernel (n, blocks units), recurrent (units, blocks units), and biases, per direction."""
        n, units = x[1], self.units
        columns, first = self.blocks * units, self.recurrent_initializer
        own = {
            "kernel": Parameter(
                (n, columns), self.initializer, fan_in=n, fan_out=units, blocks=self.blocks
            ),
            "recurrent": Parameter(
                (units, columns), first, fan_in=units, fan_out=units, blocks=self.blocks
            ),
            **self.biases(),
        }
        return {prefix + name: each for prefix in self._prefixes() for name, each in own.items()}

    def scratch(self, x: Shape) -> Mapping[str, Buffer]:
        """Inputs, gates and states of all steps, and arrays of the current step."""
        time, units = x[0], self.units
        columns = self.blocks * units
        own = {
            "gates": Buffer((time, self.gates * units), kept=True),
            "states": Buffer((time + 1, units), kept=True),
            "product": Buffer((columns,)),
            "through": Buffer((units,)),
            "straight": Buffer((units,)),
            "turned": Buffer((columns, units), per_sample=False),
            **self.cells(time),
        }
        if self.output == "sequence":
            own["slopes"] = Buffer((time, units))
        return {
            "inputs": Buffer(x, kept=True),
            "below": Buffer(x),
            "valid": Buffer(x[:1], "bool", kept=True),
            **{prefix + name: each for prefix in self._prefixes() for name, each in own.items()},
        }

    def multiply_adds(self, x: Shape) -> int:
        """The multiply-adds of both kernels at every step."""
        return x[0] * (x[1] + self.units) * self.blocks * self.units * len(self._prefixes())

    def _prefixes(self) -> tuple[str, ...]:
        return PREFIXES if self.bidirectional else PREFIXES[:1]

    def bind(
        self, x: Tensor, y: Tensor, parameters: Tensors, scratch: Arrays, context: Context
    ) -> Bound:
        """Close over the arrays.

        Multiplications with the kernel run over all steps at once, before and after the steps.
        """
        batch, work = len(x.value), float(len(x.value) * self.multiply_adds(x.value.shape[1:]))
        each = context.each_for(work)
        inputs, below = by_time(scratch["inputs"]), by_time(scratch["below"])
        mask, valid = context.mask, None if context.mask is None else by_time(scratch["valid"])
        sizes = Sizes(self.units, self.clip)
        directions = [
            Direction(self, sizes, prefix, y, parameters, scratch, valid, context.kernels)
            for prefix in self._prefixes()
        ]
        parts = cut(batch, work, PIECE, max(1, round(batch / _ROWS)))
        enter = each([piece for way in directions for piece in way.enter(rows_of(inputs))])
        run = each([way.forward(rows) for way in directions for rows in parts])

        def forward() -> None:
            np.copyto(inputs, x.value.swapaxes(0, 1))
            if mask is not None and valid is not None:
                np.not_equal(mask.T, 0, out=valid)
            enter()
            run()

        if y.grad is None or parameters["kernel"].grad is None:
            return Bound(forward)
        run_back = each([way.backward(rows) for way in directions for rows in parts])
        learn = each([piece for way in directions for piece in way.learn(rows_of(inputs))])
        dx = x.grad
        leave = [] if dx is None else [each(way.leave(rows_of(below))) for way in directions]

        def backward() -> None:
            for way in directions:
                way.transpose()
            run_back()
            learn()
            if dx is None:
                return
            for number, work in enumerate(leave):
                work()
                if number == 0:
                    np.copyto(dx, below.swapaxes(0, 1))
                else:
                    np.add(dx, below.swapaxes(0, 1), out=dx)

        return Bound(forward, backward)
