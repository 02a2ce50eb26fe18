"""A recurrent layer in one direction of time: from the first step to the last, or back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, TypeVar

import numpy as np

from dlrun.arrays import Array
from dlrun.nn.kernels import Kernels
from dlrun.nn.layers.base import Arrays, Tensor, Tensors
from dlrun.nn.layers.recurrent_cell import Cell, Step
from dlrun.nn.parallel.matmul import few_rows, products
from dlrun.nn.parallel.threads import Work

PREFIXES = ("", "reverse_")
"""Of the names of a direction's arrays: from the first step to the last, and back."""

T = TypeVar("T")


class Sizes(NamedTuple):
    """Fields of the layer that a direction needs.

    Attributes:
        units: length of the state.
        clip: bound on the gradient from the next step; None without one.
    """

    units: int
    clip: float | None


class Direction:
    """A layer in one direction, on all samples.

    Args:
        cell: the layer.
        sizes: its fields.
        prefix: of the direction.
        y: the layer's output.
        p: the layer's parameters.
        s: the layer's work arrays.
        valid: (time, batch) bool, False at padding; None without padding.
        kernels: the inner loops.
    """

    def __init__(
        self,
        cell: Cell,
        sizes: Sizes,
        prefix: str,
        y: Tensor,
        parameters: Tensors,
        scratch: Arrays,
        valid: Array | None,
        kernels: Kernels,
    ) -> None:
        self._cell, self._clip, self._valid, self._kernels = cell, sizes.clip, valid, kernels
        self._p, arrays = _of_direction(prefix, parameters), _of_direction(prefix, scratch)
        self._recurrent, self._transposed = self._p["recurrent"].value, arrays.pop("turned")
        self._arrays = arrays
        self._reverse = prefix != ""
        columns = slice(sizes.units * self._reverse, sizes.units * (1 + self._reverse))
        self._y = y.value[..., columns]
        self._dy = None if y.grad is None else y.grad[..., columns]
        time = arrays["gates"].shape[1]
        self._times = range(time - 1, -1, -1) if self._reverse else range(time)

    def enter(self, inputs: Array) -> list[Work]:
        """Multiply the inputs, (time batch, n), by the kernel, for the gates of all steps."""
        gates = rows_of(by_time(self._arrays["gates"]))
        return products(self._kernels, inputs, self._p["kernel"].value, self._cell.of_input(gates))

    def leave(self, below: Array) -> list[Work]:
        """The gradient of the inputs."""
        gates = rows_of(by_time(self._arrays["gates"]))
        return products(self._kernels, self._cell.of_input(gates), self._p["kernel"].value.T, below)

    def transpose(self) -> None:
        """Transpose the recurrent kernel, before ``backward``."""
        self._cell.transpose(self._recurrent, self._transposed)

    def learn(self, inputs: Array) -> list[Work]:
        """The gradients of the parameters."""
        gates, states = (by_time(self._arrays[name]) for name in ("gates", "states"))
        later = gates[:-1] if self._reverse else gates[1:]
        kernel = self._p["kernel"].grad
        assert kernel is not None
        return [
            *products(self._kernels, inputs.T, self._cell.of_input(rows_of(gates)), kernel),
            *self._cell.learn(
                self._kernels, rows_of(states[1:-1]), rows_of(later), rows_of(gates), self._p
            ),
        ]

    def forward(self, rows: slice) -> Work:
        """The forward pass of some samples through all steps."""
        a, steps = self._steps(rows)
        cell, k, y, last = self._cell, self._kernels, self._y[rows], steps[-1].after
        states, product, recurrent = a["states"], a["product"], self._recurrent
        outputs = states[:-1] if self._reverse else states[1:]
        first, *calls = [
            (
                few_rows(k, states[at.before], recurrent, product),
                cell.forward_step(k, self._p, a, at),
            )
            for at in steps
        ]
        initial = [a[name][steps[0].before] for name in ("states", "cells") if name in a]

        def work() -> None:
            for state in initial:
                state.fill(0)
            product.fill(0)
            first[1]()
            for multiply, call in calls:
                multiply()
                call()
            np.copyto(y, states[last] if y.ndim == 2 else outputs.swapaxes(0, 1))

        return work

    def backward(self, rows: slice) -> Work:
        """The gradients of the gates of some samples, from the last step to the first."""
        a, steps = self._steps(rows)
        cell, k, clip, transposed = self._cell, self._kernels, self._clip, self._transposed
        straight, through, slopes = a["straight"], a["through"], a.get("slopes")
        first, *calls = [
            (
                cell.backward_step(k, a, at),
                few_rows(k, cell.of_state(a["gates"][at.t]), transposed, through),
            )
            for at in steps
        ]
        calls.reverse()
        initial = [a[name] for name in ("through", "straight", "dcell") if name in a]
        assert self._dy is not None
        dy = self._dy[rows]

        def work() -> None:
            for gradient in initial:
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
            first[0]()  # the gradient of the state before the first step is not needed

        return work

    def _steps(self, rows: slice) -> tuple[Arrays, list[Step]]:
        """The arrays of some samples, and their steps in order."""
        a = {
            name: by_time(array)[:, rows] if array.ndim == 3 else array[rows]
            for name, array in self._arrays.items()
        }
        slopes = a.get("slopes")
        return a, [
            Step(
                t,
                t + self._reverse,
                t + (not self._reverse),
                None if self._valid is None else self._valid[t, rows],
                None if slopes is None else slopes[t],
            )
            for t in self._times
        ]


def _of_direction(prefix: str, arrays: Mapping[str, T]) -> dict[str, T]:
    """The arrays of a direction, without its prefix."""
    reverse = PREFIXES[1]
    if prefix == reverse:
        return {n.removeprefix(reverse): a for n, a in arrays.items() if n.startswith(reverse)}
    return {n: a for n, a in arrays.items() if not n.startswith(reverse)}


def by_time(array: Array) -> Array:
    """The memory of (batch, time, ...) as (time, batch, ...)."""
    batch, time, *rest = array.shape
    return array.reshape(time, batch, *rest)


def rows_of(array: Array) -> Array:
    """(time, batch, n) as (time batch, n)."""
    return array.reshape(-1, array.shape[-1])
