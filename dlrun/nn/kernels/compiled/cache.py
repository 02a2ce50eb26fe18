"""Machine code on disk: one file per kernel, named by everything that its code depends on.

Numba's own cache has an index for each function, which two processes that compile at the same time
can mix up, and it does not notice changes of a kernel in another file that is compiled into this
one.  Here the name of a file contains a SHA-256 of everything that the code depends on: no file is
ever outdated, any number of processes can read and write, and a read-only folder can be used, too.

Reading machine code means running it, so only files are read that this user or root wrote, in a
folder that no one else can write to; and before a file is unpickled its first bytes must be the
SHA-256 of its name and of the rest, so that a damaged file, or one under another file's name, is
compiled again.
"""

from __future__ import annotations

import hashlib
import inspect
import math
import os
import pickle
import secrets
import sys
from collections.abc import Iterator
from contextlib import suppress
from functools import cache, cached_property
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import llvmlite
import numba
import numpy as np
from numba.core.compiler import CompileResult
from numba.core.serialize import dumps
from numba.extending import _Intrinsic

from dlrun import caches
from dlrun.files import open_regular
from dlrun.nn.kernels import machine_code
from dlrun.nn.kernels.compiled import vectors

_LIBRARIES = (math, np, numba)
"""Modules whose functions only change with their version."""

_FORMAT = 2
"""Version of the file format; it is part of the names."""
_VERSIONS = (_FORMAT, sys.version, numba.__version__, llvmlite.__version__, np.__version__)
_DIGEST_SIZE = hashlib.sha256().digest_size


class KernelCache:
    """A compiled function's cache, which is asked for machine code before compiling.

    It replaces Numba's ``FunctionCache`` and has the methods that a dispatcher calls.

    Args:
        dispatcher: the function, as wrapped by Numba.
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
        """The function compiled for these argument types; None if it is not stored."""
        target.refresh()
        folder = machine_code.trusted_folder()
        if folder is not None:
            # A damaged or missing file is compiled again; a valid one may still need a library that
            # this machine does not have.
            with suppress(Exception):
                kept = _read(folder / self._file(signature, target.codegen()))
                return CompileResult._rebuild(target, *pickle.loads(kept))
        machine_code.announce(self._name)
        return None

    def save_overload(self, signature: Any, compiled: Any) -> None:
        """Store a compiled function, if the folder is writable."""
        if compiled.library.has_dynamic_globals:  # addresses of this process
            return
        folder = machine_code.folder()
        if folder is None:
            return
        with suppress(OSError):  # it is compiled again next time
            caches.make(folder)
            if machine_code.trusted_folder() is not None:
                _write(folder / self._file(signature, compiled.codegen), dumps(compiled._reduce()))

    def _file(self, signature: Any, codegen: Any) -> str:
        """The file's name: the function, and a SHA-256 of what its machine code depends on."""
        digest = self._digest.copy()
        digest.update(repr((signature, codegen.magic_tuple())).encode())
        return f"{self._name}-{digest.hexdigest()[:32]}"

    @cached_property
    def _digest(self) -> Any:
        """SHA-256 of versions and code; on first use, when all called functions are defined."""
        digest = hashlib.sha256(repr(_VERSIONS).encode())
        for part in _ingredients(self._dispatcher, set()):
            digest.update(repr(part).encode())
        return digest


def _sealed(name: str, content: bytes) -> bytes:
    """The SHA-256 of a file's name and content."""
    return hashlib.sha256(name.encode() + b"\0" + content).digest()


def _read(path: Path) -> bytes:
    """The content of a file as it was written.

    Raises:
        DataError, OSError: it is missing, or not a regular file.
        ValueError: it is damaged, or another user could have written it.
    """
    with open_regular(path, follow=False) as file:
        if caches.foreign(os.fstat(file.fileno())):
            raise ValueError(f"{path}: another user could have written it")
        seal, content = file.read(_DIGEST_SIZE), file.read()
    if seal != _sealed(path.name, content):
        raise ValueError(f"{path}: damaged")
    return content


def _write(path: Path, content: bytes) -> None:
    """Write a file that no one else can write to, atomically.

    Raises:
        OSError: it cannot be written.
    """
    temporary = path.with_name(f".{secrets.token_hex(8)}.tmp")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        with os.fdopen(os.open(temporary, flags, 0o600), "wb") as file:
            file.write(_sealed(path.name, content) + content)
        temporary.replace(path)
    except OSError:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise


def _ingredients(dispatcher: Any, seen: set[Any]) -> Iterator[object]:
    """All that is compiled into a function: options, code, and the functions and values it uses."""
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
        elif isinstance(value, _Intrinsic):  # its code is generated by its own module and vectors
            yield name, *(_text(module) for module in (value._defn.__module__, vectors.__name__))
        elif inspect.ismodule(value) and value not in _LIBRARIES:
            yield name, _text(value.__name__), _numbers(value)  # functions are looked up in it
        elif isinstance(value, np.ndarray):
            yield name, value.dtype.str, value.shape, value.tobytes()
        elif isinstance(value, bool | int | float | str | tuple | np.generic):
            yield name, value


@cache
def _text(module: str) -> str:
    return inspect.getsource(sys.modules[module])


def _numbers(module: ModuleType) -> list[tuple[str, object]]:
    """The constants of a module that its functions read, including imported ones."""
    return [
        (name, value)
        for name, value in sorted(vars(module).items())
        if isinstance(value, bool | int | float | tuple | np.generic)
    ]


def _code(code: CodeType) -> Iterator[object]:
    yield code.co_code, code.co_names, code.co_varnames, code.co_freevars
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _code(constant)
        else:
            yield constant
