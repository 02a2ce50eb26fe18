"""How kernels are compiled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numba

F = TypeVar("F", bound=Callable[..., Any])

STRICT: Any = {"error_model": "numpy", "fastmath": {"contract", "nsz"}}
"""Sums stay in the order in which they are written."""


def kernel(function: F) -> F:
    """Compile on first use, keep the result on disk, and let other threads run meanwhile.

    Sums may be reordered so that they fill a vector register, but NaN and infinities stay what
    they are: training stops on them.  Division does not check for zero, which a vector could not.
    """
    compiled: F = numba.njit(
        function,
        cache=True,
        nogil=True,
        error_model="numpy",
        fastmath={"reassoc", "contract", "nsz", "arcp"},
    )
    return compiled


def strict(function: F) -> F:
    """Compile a part of kernels in which sums must not be reordered; it is inlined with that."""
    compiled: F = numba.njit(function, **STRICT)
    return compiled
