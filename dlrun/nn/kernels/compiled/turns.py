"""Compilation of kernels after which a thread waits awake until the interpreter is free.

After a kernel, a thread needs the interpreter's lock. If another thread has it, CPython lets this
one sleep.  Waking a thread takes longer than many kernels, though the other thread usually needs
the lock only for a few microseconds, until its next kernel.  So a flag says whether a thread is
between two kernels, and a thread that leaves a kernel first waits, for a limited time, until it is
clear.

The flag only saves time.  If a thread spends long between two kernels, or has no other kernel, the
wait is over after its limit, and the next kernel of any thread clears the flag.
"""

from __future__ import annotations

from typing import Any

import llvmlite.binding as llvm
import numpy as np
from llvmlite import ir
from numba.core.callwrapper import PyCallWrapper
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_machinery import register_pass
from numba.core.lowering import Lower
from numba.core.pythonapi import PythonAPI
from numba.core.typed_passes import NativeLowering

_MOST = 10_000
"""Checks of the flag: about 10 us, more than Python usually needs between two kernels."""

_I64 = ir.IntType(64)
_NAME = "dlrun_turn"

flag = np.zeros(1, np.int64)
"""1 while a thread is between two kernels."""
llvm.add_symbol(_NAME, flag.ctypes.data)


class TurnTaking(CompilerBase):  # type: ignore[misc]
    """Numba's compiler of functions without Python objects, with another way out of kernels."""

    def define_pipelines(self) -> list[Any]:
        """Numba's passes, except for the one that generates the function that Python calls."""
        passes = DefaultPassBuilder.define_nopython_pipeline(self.state)
        passes.passes = [
            (_Lowering if each is NativeLowering else each, text) for each, text in passes.passes
        ]
        passes.finalize()
        return [passes]


class _Api(PythonAPI):  # type: ignore[misc]
    """Code that calls Python."""

    def save_thread(self) -> Any:
        """Release the interpreter's lock, and say so."""
        state = super().save_thread()
        self.builder.store_atomic(_I64(0), self._flag(), "release", 8)
        return state

    def restore_thread(self, thread_state: Any) -> None:
        """Wait for a turn, then acquire the interpreter's lock."""
        builder, found = self.builder, self._flag()
        before = builder.block
        look, take, again, done = map(
            builder.append_basic_block, ("turn.look", "turn.take", "turn.again", "turn.done")
        )
        builder.branch(look)
        builder.position_at_end(look)
        number = builder.phi(_I64)
        number.add_incoming(_I64(0), before)
        value = builder.load_atomic(found, "monotonic", 8)
        builder.cbranch(builder.icmp_unsigned("==", value, _I64(0)), take, again)
        builder.position_at_end(take)
        swapped = builder.cmpxchg(found, _I64(0), _I64(1), "acq_rel", "monotonic")
        builder.cbranch(builder.extract_value(swapped, 1), done, again)
        builder.position_at_end(again)
        following = builder.add(number, _I64(1))
        number.add_incoming(following, again)
        builder.cbranch(builder.icmp_unsigned("<", following, _I64(_MOST)), look, done)
        builder.position_at_end(done)
        super().restore_thread(thread_state)

    def _flag(self) -> Any:
        module = self.builder.module
        if _NAME not in module.globals:
            ir.GlobalVariable(module, _I64, _NAME)
        return module.globals[_NAME]


class _Wrapper(PyCallWrapper):  # type: ignore[misc]
    """The function that Python calls."""

    def build_wrapper(self, api: Any, builder: Any, closure: Any, args: Any, kws: Any) -> None:
        """Generate its code."""
        super().build_wrapper(_Api(self.context, builder), builder, closure, args, kws)


class _Lower(Lower):  # type: ignore[misc]
    """Generates the code of a function."""

    def create_cpython_wrapper(self, release_gil: bool = False) -> None:
        """Add the function that Python calls; see ``CPUContext.create_cpython_wrapper``."""
        module = self.context.create_module("wrapper")
        of = self.context.call_conv.get_function_type(self.fndesc.restype, self.fndesc.argtypes)
        called = ir.Function(module, of, self.fndesc.llvm_func_name)
        _Wrapper(
            self.context,
            module,
            called,
            self.fndesc,
            self.env,
            call_helper=self.call_helper,
            release_gil=release_gil,
        ).build()
        self.library.add_ir_module(module)


@register_pass(mutates_CFG=True, analysis_only=False)
class _Lowering(NativeLowering):  # type: ignore[misc]
    _name = "dlrun_native_lowering"

    @property
    def lowering_class(self) -> type:
        return _Lower
