"""What training carries from one step to the next, as arrays by name.

Whoever carries something is ``Stateful``: it gives what the next step depends on and takes it back.
All of it is arrays, numbers among them with no axes, so that every bit comes back, NaN too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Protocol

import numpy as np

from dlrun.arrays import Array

State = Mapping[str, Array]
"""Arrays by name, as ``monitor.best``; a name's dots lead to the part that it belongs to."""


class Stateful(Protocol):
    """A part of a training that can be put back to where it was."""

    def state(self) -> State:
        """All that its next step depends on; views where it can, so they change with it."""

    def restore(self, state: State) -> None:
        """Go on from what ``state`` gave.

        Raises:
            KeyError, TypeError, ValueError: it is not of the same training.
        """


class Kept:
    """A Stateful whose attributes are its state: numbers, and arrays that it does not share."""

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
    """The states of parts as one, each under the name of its part."""
    return {
        f"{part}.{name}": array for part, state in parts.items() for name, array in state.items()
    }


def under(state: State, name: str) -> dict[str, Array]:
    """What ``joined`` put under a name."""
    start = f"{name}."
    return {key.removeprefix(start): array for key, array in state.items() if key.startswith(start)}


def put(target: Array, array: Array) -> None:
    """Copy an array of a state to where it was.

    Raises:
        TypeError, ValueError: it has another type or shape.
    """
    if target.shape != array.shape:  # NumPy would stretch some that do not fit
        raise ValueError(f"its shape is {array.shape}, needed is {target.shape}")
    np.copyto(target, array, casting="no")
