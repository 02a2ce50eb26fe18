"""Training state: everything that one step passes to the next, as arrays by name.

An object with such state is ``Stateful``: it returns its state, and restores it.  All of it is
arrays, with scalars as arrays without axes, so that it is restored bit by bit, including NaN.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Protocol

import numpy as np

from dlrun.arrays import Array

_PIECE = 64 * 1024
"""Values that are copied at a time when two arrays are exchanged."""

State = Mapping[str, Array]
"""Arrays by name, such as ``monitor.best``; the part before a dot is the name of the owner."""


class Stateful(Protocol):
    """A part of training whose state can be saved and restored."""

    def state(self) -> State:
        """Everything that its next step depends on; views if possible, which change with it."""

    def restore(self, state: State) -> None:
        """Restore a state that ``state`` returned.

        Raises:
            KeyError, TypeError, ValueError: it belongs to a different training.
        """


class Kept:
    """A Stateful whose attributes are its state: scalars, and arrays that it does not share."""

    __slots__ = ()
    kept: ClassVar[tuple[str, ...]]
    """Names of these attributes."""

    def state(self) -> State:
        """The attributes."""
        return {name: np.asarray(getattr(self, name)) for name in self.kept}

    def restore(self, state: State) -> None:
        """Set the attributes."""
        for name in self.kept:
            array = state[name]
            setattr(self, name, array.copy() if array.ndim else array.item())


def joined(parts: Mapping[str, State]) -> dict[str, Array]:
    """The states of several parts as one, with the part's name before each name."""
    return {
        f"{part}.{name}": array for part, state in parts.items() for name, array in state.items()
    }


def under(state: State, name: str) -> dict[str, Array]:
    """The state of one part in a state that ``joined`` returned."""
    start = f"{name}."
    return {key.removeprefix(start): array for key, array in state.items() if key.startswith(start)}


def put(target: Array, array: Array) -> None:
    """Copy an array of a state into the array that it was read from.

    Raises:
        TypeError, ValueError: it has a different dtype or shape.
    """
    if target.shape != array.shape:  # NumPy would broadcast some shapes
        raise ValueError(f"its shape is {array.shape}, expected {target.shape}")
    np.copyto(target, array, casting="no")


def exchange(one: Array, other: Array) -> None:
    """Exchange the content of two arrays of one length and dtype, without a whole copy."""
    for start in range(0, len(one), _PIECE):
        piece = slice(start, start + _PIECE)
        kept = one[piece].copy()
        one[piece] = other[piece]
        other[piece] = kept
