"""Compilation of kernels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

from dlrun.nn.kernels.compiled.cache import KernelCache

F = TypeVar("F", bound=Callable[..., Any])

STRICT: Any = {"error_model": "numpy", "fastmath": {"contract", "nsz"}}
"""Sums stay in the order in which they are written."""


def kernel(function: F) -> F:
    """Compile on first use, store the result on disk, and let other threads run meanwhile.

    Sums may be reordered to fill a vector register, but NaN and infinities are preserved: training
    stops on them.  Division does not check for zero, because vectors could not.
    """
    compiled = numba.njit(
        function,
        nogil=True,
        error_model="numpy",
        fastmath={"reassoc", "contract", "nsz", "arcp"},
    )
    compiled._cache = KernelCache(compiled)  # as cache=True does with Numba's own cache
    return cast(F, compiled)


def strict(function: F) -> F:
    """Compile a part of kernels in which sums must not be reordered, even when inlined."""
    return cast(F, numba.njit(function, **STRICT))
