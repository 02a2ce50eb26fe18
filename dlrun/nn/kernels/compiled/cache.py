"""Machine code on disk: a file for each kernel and all that its code depends on.

Numba's own cache has an index for each function, which two processes that compile at the same time
can mix up, and it does not see that a kernel of another file, which is compiled into this one, has
changed.  Here the name of a file is a digest of everything that the code depends on: nothing is
ever out of date, any number of processes can read and write, and a folder that can only be read
still serves.
"""

from __future__ import annotations

import hashlib
import pickle
import secrets
import sys
from collections.abc import Iterator
from contextlib import suppress
from functools import cached_property
from types import CodeType, FunctionType
from typing import Any

import llvmlite
import numba
import numpy as np
from numba.core.compiler import CompileResult
from numba.core.serialize import dumps

from dlrun.nn.kernels import machine_code

_VERSIONS = (sys.version, numba.__version__, llvmlite.__version__, np.__version__)


class KernelCache:
    """What a compiled function asks for machine code before it compiles.

    It stands in the place of Numba's ``FunctionCache`` and has the methods that a dispatcher calls.

    Args:
        dispatcher: the function, as Numba wraps it.
    """

    def __init__(self, dispatcher: Any) -> None:
        function = dispatcher.py_func
        self._name = f"{function.__module__.rpartition('.')[2]}.{function.__name__}"
        self._dispatcher = dispatcher

    @property
    def cache_path(self) -> str:
        """The folder, for the dispatcher's statistics."""
        return str(machine_code.folder())

    def load_overload(self, signature: Any, target: Any) -> Any:
        """The function compiled for these types of arguments; None where that is not kept."""
        target.refresh()
        folder = machine_code.folder()
        if folder is not None:
            file = folder / self._file(signature, target.codegen())
            with suppress(Exception):  # a torn file is as good as none: it is written anew
                return CompileResult._rebuild(target, *pickle.loads(file.read_bytes()))
        machine_code.announce(self._name)
        return None

    def save_overload(self, signature: Any, compiled: Any) -> None:
        """Keep a compiled function, where the folder can be written."""
        folder = machine_code.folder()
        if folder is None or compiled.library.has_dynamic_globals:  # addresses of this process
            return
        temporary = folder / f".{secrets.token_hex(8)}.tmp"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            temporary.write_bytes(dumps(compiled._reduce()))
            temporary.replace(folder / self._file(signature, compiled.codegen))
        except OSError:  # it is compiled again the next time
            with suppress(OSError):
                temporary.unlink(missing_ok=True)

    def _file(self, signature: Any, codegen: Any) -> str:
        """The file's name: the function, and a digest of what its machine code depends on."""
        digest = self._digest.copy()
        digest.update(repr((signature, codegen.magic_tuple())).encode())
        return f"{self._name}-{digest.hexdigest()[:32]}"

    @cached_property
    def _digest(self) -> Any:
        """Of versions and code; on first use, when all that the function calls is defined."""
        digest = hashlib.sha256(repr(_VERSIONS).encode())
        for part in _ingredients(self._dispatcher, set()):
            digest.update(repr(part).encode())
        return digest


def _ingredients(dispatcher: Any, seen: set[Any]) -> Iterator[object]:
    """What is compiled into a function: options, code, and the functions and numbers it names."""
    seen.add(dispatcher)
    function: FunctionType = dispatcher.py_func
    for name, value in sorted(dispatcher.targetoptions.items()):
        yield name, sorted(value) if isinstance(value, set) else value
    yield from _code(function.__code__)
    cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
    named = {name: function.__globals__.get(name) for name in function.__code__.co_names}
    for name, value in (named | {name: cell.cell_contents for name, cell in cells}).items():
        if hasattr(value, "py_func"):
            if value not in seen:
                yield from _ingredients(value, seen)
        elif isinstance(value, np.ndarray):
            yield name, value.dtype.str, value.shape, value.tobytes()
        elif isinstance(value, bool | int | float | str | tuple | np.generic):
            yield name, value


def _code(code: CodeType) -> Iterator[object]:
    yield code.co_code, code.co_names, code.co_varnames, code.co_freevars
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _code(constant)
        else:
            yield constant
