"""Machine code that is written as vectors alone, and called through its address.

Numba compiles what a kernel calls into the kernel, once for each that calls it, and most of that
time is spent on the large loops over vectors.  A *routine* is such a loop on its own: its code is
generated without Numba's front end, once per dtype and size, and any number of kernels call it.
Kernels receive the addresses in an array, so that their own code does not depend on them.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir
from numba import from_dtype
from numba.core.compiler_lock import global_compiler_lock
from numba.core.registry import cpu_target

from dlrun.nn.kernels import machine_code
from dlrun.nn.kernels.compiled import vectors
from dlrun.nn.kernels.compiled.stored import Stored, source_text, versions_digest
from dlrun.nn.kernels.compiled.vectors import I64, Vectors

_VOID = ir.VoidType()
_FLAG = ir.IntType(1)


class Routine:
    """Code for each dtype and size.

    Args:
        emit: called with ``Vectors``, the values of the arguments, and the sizes.
        kinds: of each argument, one letter: ``e`` elements, ``o`` offsets (both are pointers),
            ``i`` 64-bit integer, ``b`` boolean.
    """

    def __init__(self, emit: Callable[..., None], kinds: str) -> None:
        self._emit, self._kinds = emit, kinds
        self._addresses: dict[tuple[str, tuple[int, ...]], int] = {}
        self._libraries: list[Any] = []  # keeps the code in memory
        self.name = f"{emit.__module__.rpartition('.')[2]}.{emit.__name__.lstrip('_')}"

    def address(self, dtype: np.dtype[Any], *sizes: int) -> int:
        """Where the code for a dtype and sizes is; it is compiled if it is not stored."""
        found = self._addresses.get((dtype.char, sizes))
        return self._ready(dtype, sizes) if found is None else found

    @property
    def place(self) -> tuple[str, str]:
        """The module that contains the routine, and its name there."""
        module = sys.modules[self._emit.__module__]
        (name,) = (name for name, value in vars(module).items() if value is self)
        return module.__name__, name

    def title(self, dtype: np.dtype[Any], sizes: tuple[int, ...]) -> str:
        """The name of the code, for people."""
        return "_".join((self.name, dtype.name, *map(str, sizes)))

    def stored(self, dtype: np.dtype[Any], sizes: tuple[int, ...]) -> Stored:
        """The file of the code, which may not exist."""
        texts = [source_text(module) for module in (self._emit.__module__, vectors.__name__)]
        name, digest = self.title(dtype, sizes), versions_digest()
        magic = cpu_target.target_context.codegen().magic_tuple()
        digest.update(repr((name, self._kinds, texts, magic)).encode())
        return Stored(name, digest)

    def call(self, v: Vectors, address: Any, arguments: list[Any]) -> None:
        """Generate a call of the code at an address, a 64-bit integer."""
        function = v.builder.inttoptr(address, self._type(v).as_pointer())
        v.builder.call(function, arguments)

    def _type(self, v: Vectors) -> ir.FunctionType:
        kinds = {"e": v.number.as_pointer(), "o": I64.as_pointer(), "i": I64, "b": _FLAG}
        return ir.FunctionType(_VOID, [kinds[kind] for kind in self._kinds])

    @global_compiler_lock
    def _ready(self, dtype: np.dtype[Any], sizes: tuple[int, ...]) -> int:
        key = dtype.char, sizes
        if key not in self._addresses:  # another thread may have been faster
            self._addresses[key] = self._loaded(dtype, sizes)
        return self._addresses[key]

    def _loaded(self, dtype: np.dtype[Any], sizes: tuple[int, ...]) -> int:
        context = cpu_target.target_context
        context.refresh()
        codegen = context.codegen()
        stored = self.stored(dtype, sizes)
        content = stored.read()
        if content is not None:
            library = _rebuilt(codegen, stored.file, content)
        else:
            machine_code.announce(self.title(dtype, sizes))
            library = self._compiled(context, codegen, stored.file, dtype, sizes)
            _, _, (code, bitcode) = library.serialize_using_object_code()
            stored.write(len(code).to_bytes(8, "little") + code + bitcode)
        self._libraries.append(library)
        return int(library.get_pointer_to_function(stored.file))

    def _compiled(
        self, context: Any, codegen: Any, name: str, dtype: np.dtype[Any], sizes: tuple[int, ...]
    ) -> Any:
        library = codegen.create_library(name)
        library.enable_object_caching()
        module = library.create_ir_module(name)
        builder = ir.IRBuilder()
        v = Vectors(context, builder, from_dtype(dtype))
        function = ir.Function(module, self._type(v), name)
        builder.position_at_end(function.append_basic_block("entry"))
        self._emit(v, *function.args, *sizes)
        builder.ret_void()
        library.add_ir_module(module)
        library.finalize()
        return library


def _rebuilt(codegen: Any, name: str, content: bytes) -> Any:
    size = int.from_bytes(content[:8], "little")
    return codegen.unserialize_library(
        (name, "object", (content[8 : 8 + size], content[8 + size :]))
    )
