"""Waiting for another thread, awake: see ``reference.wait``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba import types
from numba.extending import intrinsic

from dlrun.arrays import Array
from dlrun.nn.kernels.compiled.jit import kernel

_MOST = 100_000
"""Looks at the flag: some 70 us, about twice what falling asleep and being woken costs."""

_LINGER = 5_000
"""Looks after it has been seen: some 3 us, in which the thread that wrote it leaves Python.

Whoever comes sooner finds the interpreter's lock taken, falls asleep, and has gained nothing.
"""


def _look_typed(typing: Any, flag: Any) -> tuple[Any, Callable[..., Any]]:
    """Read the flag from memory, which a loop over an array would do once only."""

    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        array = context.make_array(flag)(context, builder, values[0])
        return builder.load_atomic(array.data, "acquire", 8)

    return types.int64(flag), generate


_look: Any = intrinsic(_look_typed)


@kernel
def until(flag: Array, value: int) -> bool:
    """Wait until another thread has written ``value`` to ``flag``, for so long; whether it has."""
    for _ in range(_MOST):
        if _look(flag) == value:
            for _ in range(_LINGER):
                _look(flag)
            return True
    return False
