"""Compilation of kernels."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any, TypeVar, cast

import numba
import numpy as np

from dlrun import portable
from dlrun.nn.kernels.compiled.cache import KernelCache
from dlrun.nn.kernels.compiled.needs import KernelNeed
from dlrun.nn.kernels.compiled.turns import TurnTaking
from dlrun.nn.kernels.rehearsal import note, rehearsing

F = TypeVar("F", bound=Callable[..., Any])

STRICT: Any = {
    "error_model": "numpy",
    "fastmath": {"contract", "nsz"},
    "forceinline": True,  # see ``part``
}
"""Sums stay in the order in which they are written."""


_FAST = {"reassoc", "contract", "nsz", "arcp"}
if portable.in_force():
    # With "arcp", LLVM computes 1 / x and 1 / sqrt(x) from rcpps and rsqrtps.  These approximate,
    # and processors of different makers approximate in different ways.
    _FAST.remove("arcp")


def kernel(function: F) -> F:
    """Compile on first use, store the result on disk, and let other threads run meanwhile.

    Sums may be reordered to fill a vector register, but NaN and infinities are preserved: training
    stops on them.  Division does not check for zero, because vectors could not.
    """
    compiled = numba.njit(
        function,
        nogil=True,
        pipeline_class=TurnTaking,
        no_cfunc_wrapper=True,  # for calls from C, which nobody makes
        error_model="numpy",
        fastmath=_FAST,
    )
    compiled._cache = KernelCache(compiled)  # as cache=True does with Numba's own cache
    compile_for = compiled._compile_for_args
    needs: dict[tuple[Hashable, ...], KernelNeed] = {}

    def compile_or_note(*arguments: Any, **named: Any) -> Any:
        if not rehearsing():
            return compile_for(*arguments, **named)
        like = tuple(_likeness(each) for each in arguments)
        if like not in needs:
            needs[like] = KernelNeed(compiled, tuple(map(compiled.typeof_pyval, arguments)))
        note(needs[like])
        return _idle

    # Called by the dispatcher for arguments of new types; the function that it returns then runs.
    compiled._compile_for_args = compile_or_note
    return cast(F, compiled)


def _likeness(argument: Any) -> Any:
    """Equal for arguments to which Numba gives the same type; its own answer takes long."""
    if type(argument) is np.ndarray:
        return argument.dtype.str, argument.ndim, argument.flags.num
    if isinstance(argument, tuple):
        return tuple(map(_likeness, argument))
    return type(argument)


def _idle(*_: Any) -> float:
    """Runs instead of a kernel in a rehearsal."""
    return 0.0


def part(function: F) -> F:
    """Compile a part of kernels into each kernel that calls it.

    If it were a separate function, every caller would contain a copy of it.  Copies can add up in
    different orders, and what was compiled before decides which of them a process calls.
    """
    return cast(F, numba.njit(function, error_model="numpy", fastmath=_FAST, forceinline=True))


def strict(function: F) -> F:
    """Compile a part of kernels in which sums must not be reordered, even when inlined."""
    return cast(F, numba.njit(function, **STRICT))
