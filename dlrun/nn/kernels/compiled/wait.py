"""Busy waiting for another thread: see ``reference.wait``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba import types
from numba.extending import intrinsic

from dlrun.arrays import Array
from dlrun.nn.kernels.compiled.jit import kernel

_MOST = 100_000
"""Checks of the flag: about 70 us, twice the time to go to sleep and be woken."""

_LINGER = 5_000
"""Checks after the flag has been seen: about 3 us, in which the writing thread leaves Python.

A thread that continues earlier finds the interpreter's lock taken, goes to sleep, and has gained
nothing."""


def _look_typed(typing: Any, flag: Any) -> tuple[Any, Callable[..., Any]]:
    """Read the flag from memory; a loop over an array would read it only once."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        array = context.make_array(flag)(context, builder, values[0])
        return builder.load_atomic(array.data, "acquire", 8)

    return types.int64(flag), generate


_look: Any = intrinsic(_look_typed)


@kernel
def until(flag: Array, value: int) -> bool:
    """Wait, for a limited time, for another thread to write ``value`` to ``flag``; success."""
    for _ in range(_MOST):
        if _look(flag) == value:
            for _ in range(_LINGER):
                _look(flag)
            return True
    return False
