"""NumPy's own BLAS, as code that kernels call without the interpreter."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

_PREFIXES = ("scipy_cblas", "cblas")
_SUFFIX = "64_"
"""Of builds whose sizes are 64-bit integers, as those in NumPy's wheels."""

ROW_MAJOR, STRAIGHT, TRANSPOSED = 101, 111, 112
"""Values of CBLAS: the order of all matrices, and of one relative to it."""

_I32, _I64, _FLOAT = ir.IntType(32), ir.IntType(64), ir.FloatType()
_POINTER = ir.IntType(8).as_pointer()

_KINDS = {"sgemm": "eeeiiifpipifpi", "sgemv": "eeiifpipifpi"}
"""Of each argument, one letter: ``e`` a value of CBLAS, ``i`` a size, ``f`` a number, ``p`` the
address of an array."""
_TYPES = {"e": _I32, "i": _I64, "f": _FLOAT, "p": _POINTER}


def address(routine: str) -> int:
    """Where a routine of CBLAS is; 0 if NumPy has none with 64-bit sizes."""
    code = import_module("numpy._core._multiarray_umath")
    assert code.__file__ is not None
    try:
        library = ctypes.CDLL(code.__file__)
    except OSError:
        return 0
    for prefix in _PREFIXES:
        found = getattr(library, f"{prefix}_{routine}{_SUFFIX}", None)
        if found is not None:
            return int(ctypes.cast(found, ctypes.c_void_p).value or 0)
    return 0


def _caller(routine: str) -> Any:
    """A function for kernels: of the routine's address and its arguments, all int64 and float32."""
    kinds = _KINDS[routine]

    def typed(typing: Any, at: Any, values: Any) -> tuple[Any, Callable[..., Any]]:
        def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            function = ir.FunctionType(ir.VoidType(), [_TYPES[kind] for kind in kinds])
            called = builder.inttoptr(arguments[0], function.as_pointer())
            given = [builder.extract_value(arguments[1], n) for n in range(len(kinds))]
            converted = [_converted(builder, *each) for each in zip(kinds, given, strict=True)]
            builder.call(called, converted)
            return context.get_dummy_value()

        return types.void(at, values), generate

    return intrinsic(typed)


def _converted(builder: Any, kind: str, value: Any) -> Any:
    match kind:
        case "e":
            return builder.trunc(value, _I32)
        case "p":
            return builder.inttoptr(value, _POINTER)
        case _:
            return value


gemm, gemv = _caller("sgemm"), _caller("sgemv")
ONE, ZERO = np.float32(1), np.float32(0)
