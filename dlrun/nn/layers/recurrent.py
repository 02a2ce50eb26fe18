"""What recurrent layers have in common: the way through time, there and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Literal, NamedTuple, TypeVar

import numpy as np
from pydantic import PositiveInt

from dlrun.arrays import Array, Shape
from dlrun.errors import ShapeError
from dlrun.nn.initializer import Initializer
from dlrun.nn.kernels import Kernels
from dlrun.nn.layer import Arrays, Bound, Buffer, Context, Layer, Parameter, Tensor, Tensors
from dlrun.nn.pieces import cut
from dlrun.nn.products import PIECE, few_rows, products, sum_of_rows
from dlrun.nn.steps import TIME_FIRST, Steps
from dlrun.nn.threads import Work, chain
from dlrun.spec.fields import Positive

_ROWS = 32
"""Samples that go through time together: with fewer, a step's product is far from BLAS's peak."""

_WAYS = ("", "reverse_")
"""Prefixes of what belongs to a direction: from the first step to the last, and back."""


T = TypeVar("T")


class Step(NamedTuple):
    """A step of some samples: what the functions between two products work on.

    Attributes:
        t: its place in time.
        before: where the state before it is.
        after: where the state behind it is.
        valid: (rows,) bool, False at padding; None where nothing is.
        slope: (rows, units), the gradient of the layer's output at this step; None if it has none.
    """

    t: int
    before: int
    after: int
    valid: Array | None
    slope: Array | None


class Recurrent(Layer):
    """The root of layers whose state goes from step to step.

    Arrays in memory have time as first axis, so that the rows of a step lie side by side.  At
    padding the state stays what it was, in either direction.
    """

    # Samples are independent, but few of them together make slow products: the batch is cut into
    # fewer parts than chunks, and the gradients of the kernels are products over all of it.
    batchwide: ClassVar = True
    padding_advice: ClassVar = TIME_FIRST

    blocks: ClassVar[int]
    """Columns of both kernels, counted in units."""
    gates: ClassVar[int]
    """What a step keeps for backward, counted in units."""

    units: PositiveInt
    """Length of the state, in each direction."""
    output: Literal["last", "sequence"] = "last"
    """The state behind the last valid step, or the states behind all steps."""
    bidirectional: bool = False
    """Go through time both ways, each with weights of its own; both states stand side by side."""
    clip: Positive | None = None
    """Bound on every number of the gradient that comes back through the recurrent kernel from the
    step behind; null leaves it alone."""
    initializer: Initializer | None = None
    """First values of the kernel for inputs; the spec's default where none is named."""
    recurrent_initializer: Initializer | None = None
    """First values of the kernel for states; the spec's default where none is named."""

    def biases(self) -> Mapping[str, Parameter]:
        """What a direction learns beside its two kernels."""
        raise NotImplementedError

    def cells(self, time: int) -> Mapping[str, Buffer]:
        """Work arrays of a direction beyond those of all recurrent layers."""
        return {}

    def forward_step(self, k: Kernels, p: Tensors, a: Arrays, at: Step) -> Work:
        """From gates that hold x W, and ``product``, h U, to the state behind the step."""
        raise NotImplementedError

    def backward_step(self, k: Kernels, a: Arrays, at: Step) -> Work:
        """From the gradient of the state behind the step to those of the gates."""
        raise NotImplementedError

    def of_input(self, gates: Array) -> Array:
        """The columns of (..., gates units) that x W fills."""
        return gates

    def of_state(self, gates: Array) -> Array:
        """The columns of (..., gates units) that h U reaches."""
        return gates

    def turn(self, recurrent: Array, turned: Array) -> None:
        """Transpose the recurrent kernel, with rows in the order of ``of_state``."""
        np.copyto(turned, recurrent.T)

    def learn(self, before: Array, later: Array, gates: Array, p: Tensors) -> list[Work]:
        """Gradients of the recurrent kernel and the biases.

        Args:
            before: (rows, units), the states before all steps but the first, where it is 0.
            later: (rows, gates units), the gradients of the gates of these steps.
            gates: (more rows, gates units), those of all steps.
            p: the direction's parameters.
        """
        recurrent, bias = p["recurrent"].grad, p["bias"].grad
        assert recurrent is not None and bias is not None
        return [*products(before.T, later, recurrent), sum_of_rows(gates, bias)]

    def output_shape(self, x: Shape) -> Shape:
        """(time, states) or (states,)."""
        if len(x) != 2:
            raise ShapeError(f"{self.kind} needs (time, features), got {x}")
        states = self.units * len(self._ways())
        return (x[0], states) if self.output == "sequence" else (states,)

    def bounds(self) -> tuple[float, float]:
        """A state is a mean of, or at most as large as, what a tanh gives."""
        return (-1.0, 1.0)

    def steps(self, x: Shape, axis: int) -> Steps:
        """They stay, or the last valid one is taken."""
        if axis:
            return super().steps(x, axis)
        return Steps(0 if self.output == "sequence" else None)

    def parameters(self, x: Shape) -> Mapping[str, Parameter]:
        """Kernel (n, blocks units), recurrent (units, blocks units) and biases, of each way."""
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
        return {way + name: each for way in self._ways() for name, each in own.items()}

    def scratch(self, x: Shape) -> Mapping[str, Buffer]:
        """Inputs, gates and states of all steps, and the step that is under way."""
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
            **{way + name: each for way in self._ways() for name, each in own.items()},
        }

    def multiply_adds(self, x: Shape) -> int:
        """Those of both kernels at every step."""
        return x[0] * (x[1] + self.units) * self.blocks * self.units * len(self._ways())

    def _ways(self) -> tuple[str, ...]:
        return _WAYS if self.bidirectional else _WAYS[:1]

    def bind(self, x: Tensor, y: Tensor, p: Tensors, s: Arrays, context: Context) -> Bound:
        """Close over the arrays: products over all steps, and between them the way through time."""
        batch, work = len(x.value), float(len(x.value) * self.multiply_adds(x.value.shape[1:]))
        each = chain if work < PIECE else context.each
        inputs, below = _by_time(s["inputs"]), _by_time(s["below"])
        mask, valid = context.mask, None if context.mask is None else _by_time(s["valid"])
        ways = [
            _Way(self, way, y, _of_way(way, p), _of_way(way, s), valid, context.kernels)
            for way in self._ways()
        ]
        parts = cut(batch, work, PIECE, max(1, round(batch / _ROWS)))
        enter = each([piece for way in ways for piece in way.enter(_rows(inputs))])
        go = each([way.there(rows) for way in ways for rows in parts])

        def forward() -> None:
            np.copyto(inputs, x.value.swapaxes(0, 1))
            if mask is not None and valid is not None:
                np.not_equal(mask.T, 0, out=valid)
            enter()
            go()

        if y.grad is None or p["kernel"].grad is None:
            return Bound(forward)
        come = each([way.back(rows) for way in ways for rows in parts])
        learn = each([piece for way in ways for piece in way.learn(_rows(inputs))])
        dx = x.grad
        leave = [] if dx is None else [each(way.leave(_rows(below))) for way in ways]

        def backward() -> None:
            for way in ways:
                self.turn(way.recurrent, way.turned)
            come()
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


class _Way:
    """A layer in one direction of time, on all samples."""

    def __init__(
        self,
        layer: Recurrent,
        way: str,
        y: Tensor,
        p: Tensors,
        s: Arrays,
        valid: Array | None,
        kernels: Kernels,
    ) -> None:
        self.layer, self.p, self.valid, self.kernels = layer, p, valid, kernels
        self.recurrent, self.turned = p["recurrent"].value, s["turned"]
        self.arrays = {name: array for name, array in s.items() if name != "turned"}
        self.reverse = way != ""
        columns = slice(layer.units * self.reverse, layer.units * (1 + self.reverse))
        self.y = y.value[..., columns]
        self.dy = None if y.grad is None else y.grad[..., columns]
        time = self.arrays["gates"].shape[1]
        self.times = range(time - 1, -1, -1) if self.reverse else range(time)

    def enter(self, inputs: Array) -> list[Work]:
        """What the inputs, (time batch, n), give to the gates of all steps."""
        gates = _rows(_by_time(self.arrays["gates"]))
        return products(inputs, self.p["kernel"].value, self.layer.of_input(gates))

    def leave(self, below: Array) -> list[Work]:
        """The gradient of the inputs."""
        gates = _rows(_by_time(self.arrays["gates"]))
        return products(self.layer.of_input(gates), self.p["kernel"].value.T, below)

    def learn(self, inputs: Array) -> list[Work]:
        """The gradients of the parameters."""
        gates, states = (_by_time(self.arrays[name]) for name in ("gates", "states"))
        later = gates[:-1] if self.reverse else gates[1:]
        kernel = self.p["kernel"].grad
        assert kernel is not None
        return [
            *products(inputs.T, self.layer.of_input(_rows(gates)), kernel),
            *self.layer.learn(_rows(states[1:-1]), _rows(later), _rows(gates), self.p),
        ]

    def there(self, rows: slice) -> Work:
        """Some samples' way through time."""
        a, steps = self._steps(rows)
        layer, k, y, last = self.layer, self.kernels, self.y[rows], steps[-1].after
        states, product, recurrent = a["states"], a["product"], self.recurrent
        given = states[:-1] if self.reverse else states[1:]
        first, *calls = [
            (few_rows(states[at.before], recurrent, product), layer.forward_step(k, self.p, a, at))
            for at in steps
        ]
        fresh = [a[name][steps[0].before] for name in ("states", "cells") if name in a]

        def work() -> None:
            for state in fresh:
                state.fill(0)
            product.fill(0)
            first[1]()
            for multiply, call in calls:
                multiply()
                call()
            np.copyto(y, states[last] if y.ndim == 2 else given.swapaxes(0, 1))

        return work

    def back(self, rows: slice) -> Work:
        """The gradients of their gates, from the last step to the first."""
        a, steps = self._steps(rows)
        layer, k, clip, turned = self.layer, self.kernels, self.layer.clip, self.turned
        straight, through, slopes = a["straight"], a["through"], a.get("slopes")
        first, *calls = [
            (
                layer.backward_step(k, a, at),
                few_rows(layer.of_state(a["gates"][at.t]), turned, through),
            )
            for at in steps
        ]
        calls.reverse()
        fresh = [a[name] for name in ("through", "straight", "dcell") if name in a]
        assert self.dy is not None
        dy = self.dy[rows]

        def work() -> None:
            for gradient in fresh:
                gradient.fill(0)
            if slopes is None:
                np.copyto(straight, dy)
            else:
                np.copyto(slopes, dy.swapaxes(0, 1))
            for call, multiply in calls:
                call()
                multiply()
                if clip is not None:
                    np.clip(through, -clip, clip, out=through)
            first[0]()  # nobody asks for the gradient of the state before it

        return work

    def _steps(self, rows: slice) -> tuple[Arrays, list[Step]]:
        """The arrays of some samples, and their steps in order."""
        a = {
            name: _by_time(array)[:, rows] if array.ndim == 3 else array[rows]
            for name, array in self.arrays.items()
        }
        slopes = a.get("slopes")
        return a, [
            Step(
                t,
                t + self.reverse,
                t + (not self.reverse),
                None if self.valid is None else self.valid[t, rows],
                None if slopes is None else slopes[t],
            )
            for t in self.times
        ]


def _of_way(way: str, arrays: Mapping[str, T]) -> dict[str, T]:
    """What belongs to a direction, without its prefix."""
    reverse = _WAYS[1]
    if way == reverse:
        return {n.removeprefix(way): a for n, a in arrays.items() if n.startswith(reverse)}
    return {n: a for n, a in arrays.items() if not n.startswith(reverse)}


def _by_time(array: Array) -> Array:
    """The memory of (batch, time, ...) as (time, batch, ...)."""
    batch, time, *rest = array.shape
    return array.reshape(time, batch, *rest)


def _rows(array: Array) -> Array:
    """(time, batch, n) as (time batch, n)."""
    return array.reshape(-1, array.shape[-1])
