"""Machine code that is needed, as a line that another process can read; see ``rehearsal``."""

from __future__ import annotations

import json
from collections.abc import Hashable
from importlib import import_module
from typing import Any

import numpy as np
from numba import types

from dlrun.nn.kernels.rehearsal import Need

_PACKAGE = __name__.rpartition(".")[0]


class KernelNeed:
    """A function compiled by Numba for some types.

    Args:
        dispatcher: the function.
        signature: the types of its arguments.
    """

    def __init__(self, dispatcher: Any, signature: tuple[Any, ...]) -> None:
        self._dispatcher, self._signature = dispatcher, signature
        self.name: str = dispatcher._cache.name
        self.size = len(dispatcher.py_func.__code__.co_code)
        self._types = str(signature)  # types themselves take long to compare

    @property
    def key(self) -> Hashable:
        """The function and the types."""
        return self._dispatcher, self._types

    @property
    def words(self) -> str | None:
        """The function's module and name, and the types; None for functions of other packages."""
        function = self._dispatcher.py_func
        if not function.__module__.startswith(f"{_PACKAGE}."):
            return None
        try:
            described = [_described(each) for each in self._signature]
        except ValueError:
            return None
        return json.dumps([function.__module__, function.__name__, described])

    def stored(self) -> bool:
        """Whether a file contains it."""
        return bool(self._dispatcher._cache.stored(self._signature))

    def fulfil(self) -> None:
        """Load it, or compile and store it."""
        self._dispatcher.compile(self._signature)


class RoutineNeed:
    """A routine for a dtype and sizes; see ``routines``.

    Args:
        routine: the routine.
        dtype: of its elements.
        sizes: see ``Routine.address``.
    """

    def __init__(self, routine: Any, dtype: np.dtype[Any], sizes: tuple[int, ...]) -> None:
        self._routine, self._dtype, self._sizes = routine, dtype, sizes
        self.name: str = routine.title(dtype, sizes)
        self.size = 20 * int(np.prod(sizes))

    @property
    def key(self) -> Hashable:
        """The name, which contains dtype and sizes."""
        return self.name

    @property
    def words(self) -> str | None:
        """Where the routine is, its dtype and sizes."""
        return json.dumps([*self._routine.place, self._dtype.str, self._sizes])

    def stored(self) -> bool:
        """Whether a file contains it."""
        return bool(self._routine.stored(self._dtype, self._sizes).exists())

    def fulfil(self) -> None:
        """Load it, or compile and store it."""
        self._routine.address(self._dtype, *self._sizes)


def understood(words: str) -> Need:
    """The need whose ``words`` these are.

    Raises:
        ValueError, AttributeError, ImportError: they are not of a need.
    """
    module, name, *rest = json.loads(words)
    if not module.startswith(f"{_PACKAGE}."):
        raise ValueError(f"{module} has no kernels")
    found = getattr(import_module(module), name)
    if len(rest) == 1:
        return KernelNeed(found, tuple(_type_of(each) for each in rest[0]))
    dtype, sizes = rest
    return RoutineNeed(found, np.dtype(dtype), tuple(sizes))


def _described(of: types.Type) -> Any:
    """A type as JSON.

    Raises:
        ValueError: it is not one that kernels usually get.
    """
    if isinstance(of, types.Array) and type(of) is types.Array:
        return [of.dtype.name, of.ndim, of.layout, of.mutable, of.aligned]
    if isinstance(of, types.UniTuple):
        return [_described(of.dtype), of.count]
    if isinstance(of, types.Number | types.Boolean) and not isinstance(of, types.Literal):
        return of.name
    if isinstance(of, types.NoneType):
        return None
    raise ValueError(f"{of} has no description")


def _type_of(described: Any) -> types.Type:
    match described:
        case None:
            return types.none
        case str():
            return getattr(types, described)
        case [inner, count]:
            return types.UniTuple(_type_of(inner), count)
        case [dtype, ndim, layout, mutable, aligned]:
            kind = getattr(types, dtype)
            return types.Array(kind, ndim, layout, readonly=not mutable, aligned=aligned)
        case _:
            raise ValueError(f"{described} is not a type")
