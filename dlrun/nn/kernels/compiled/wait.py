"""Busy waiting for another thread: see ``reference.wait``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numba import types
from numba.extending import intrinsic

from dlrun.arrays import Array
from dlrun.nn.kernels.compiled.jit import kernel

_MOST = 3_000_000
"""Checks of the flag: about 2 ms, longer than most phases of a step that have one thread."""


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
    for _ in range(_MOST):  # noqa: SIM110 (Numba has no generators)
        if _look(flag) == value:
            return True
    return False
