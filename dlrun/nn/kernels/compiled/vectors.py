"""Explicitly vectorized code, for loops that Numba's own vectorizer does not make fast.

Numba vectorizes a loop; it does not keep a block of results in registers while it loops over
everything that is added to them, which is necessary to get near the machine's peak.  A vector here
has 64 bytes; a machine without such wide registers splits it.

All positions and steps are counted in elements.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from llvmlite import ir
from numba import types
from numba.core import cgutils, errors
from numba.core.registry import cpu_target
from numba.extending import intrinsic

VECTOR_BYTES = 64
"""Size of the widest existing register."""


def wide_registers() -> bool:
    """Whether a vector fits into one register of the processor for which code is generated."""
    *_, features = cpu_target.target_context.codegen().magic_tuple()
    return "+avx512f" in features.split(",")


I64 = ir.IntType(64)
_I32, _I1 = ir.IntType(32), ir.IntType(1)
_NOTHING = I64(0)


class Flat(NamedTuple):
    """An array in memory order, while code is being generated: first element and length."""

    data: Any
    length: Any


def vector_code(emit: Callable[..., None]) -> Callable[..., None]:
    """A function for kernels to call, whose code is written by ``emit``.

    Args:
        emit: called with ``Vectors`` of the dtype of its first array, and its other arguments as
            values: arrays, with any number of axes, in C order, become ``Flat``, numbers become
            64-bit integers.
    """
    parameters = list(inspect.signature(emit).parameters.values())

    def typed(typing: Any, *arguments: Any) -> Any:
        if any(isinstance(of, types.Array) and of.layout != "C" for of in arguments):
            raise errors.TypingError(f"{emit.__name__} needs arrays in C order")

        def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
            given = [
                _flat(context, builder, of, value) if isinstance(of, types.Array) else value
                for of, value in zip(arguments, values, strict=True)
            ]
            numbers = next(of for of in arguments if isinstance(of, types.Array)).dtype
            emit(Vectors(context, builder, numbers), *given)
            return context.get_dummy_value()

        return types.void(*arguments), generate

    first = inspect.Parameter("typing", inspect.Parameter.POSITIONAL_OR_KEYWORD)
    typed.__signature__ = inspect.Signature([first, *parameters[1:]])  # type: ignore[attr-defined]
    typed.__name__, typed.__module__, typed.__doc__ = emit.__name__, emit.__module__, emit.__doc__
    made: Callable[..., None] = intrinsic(typed)
    return made


def _flat(context: Any, builder: Any, of: Any, value: Any) -> Flat:
    array = context.make_array(of)(context, builder, value)
    return Flat(array.data, array.nitems)


class Vectors:
    """Vectors of one dtype, while code is being generated."""

    def __init__(self, context: Any, builder: Any, numbers: Any) -> None:
        self.builder = builder
        self._bytes = numbers.bitwidth // 8
        self.lanes = VECTOR_BYTES // self._bytes
        self.number = context.get_data_type(numbers)
        self._type = ir.VectorType(self.number, self.lanes)

    def moved(self, pointer: Any, offset: Any, step: Any = _NOTHING, steps: int = 0) -> Any:
        """``pointer + offset + steps step``."""
        distance = self.builder.add(offset, self.builder.mul(step, I64(steps)))
        return self.builder.gep(pointer, [distance])

    def smaller(self, a: Any, b: Any) -> Any:
        """The smaller of two integers."""
        return self.builder.select(self.builder.icmp_signed("<", a, b), a, b)

    def larger(self, a: Any, b: Any) -> Any:
        """The larger of two integers."""
        return self.builder.select(self.builder.icmp_signed(">", a, b), a, b)

    def between(self, low: Any, number: Any, high: Any) -> Any:
        """Whether low <= number < high."""
        b = self.builder
        return b.and_(b.icmp_signed("<=", low, number), b.icmp_signed("<", number, high))

    def clear(self, pointer: Any, count: Any) -> None:
        """Set elements to 0."""
        cgutils.memset(self.builder, pointer, self.builder.mul(count, I64(self._bytes)), 0)

    def copy(self, source: Any, target: Any, count: Any) -> None:
        """Copy elements to memory that does not overlap."""
        cgutils.raw_memcpy(self.builder, target, source, count, self._bytes)

    def variable(self) -> Any:
        """A memory location for a vector, which becomes a register."""
        return cgutils.alloca_once(self.builder, self._type)

    def splat(self, number: Any) -> Any:
        """A vector of equal elements."""
        return self._repeated(number, self.number)

    def splat_flag(self, flag: Any) -> Any:
        """A mask of equal elements."""
        return self._repeated(flag, _I1)

    def splat_number(self, number: Any) -> Any:
        """A vector of equal 32-bit integers."""
        return self._repeated(number, _I32)

    def load(
        self, pointer: Any, offset: Any = _NOTHING, step: Any = _NOTHING, steps: int = 0
    ) -> Any:
        """The elements at ``pointer + offset + steps step``, which need not be aligned.

        They have the type of the pointer's elements, here and in the functions below.
        """
        place, of = self._as_vector(self.moved(pointer, offset, step, steps))
        return self.builder.load(place, align=_size(of))

    def first(self, count: Any) -> Any:
        """A mask of the first ``count`` elements; of all if there are more."""
        numbers = ir.Constant(ir.VectorType(I64, self.lanes), list(range(self.lanes)))
        return self.builder.icmp_signed("<", numbers, self._repeated(count, I64))

    def load_masked(
        self, mask: Any, pointer: Any, offset: Any = _NOTHING, step: Any = _NOTHING, steps: int = 0
    ) -> Any:
        """The elements of a mask, zeros for all others, whose memory is not accessed."""
        place, of = self._as_vector(self.moved(pointer, offset, step, steps))
        arguments = [place, _I32(_size(of)), mask, ir.Constant(of, None)]
        return self._call("llvm.masked.load.{}.p0", of, of, arguments)

    def store(
        self,
        vector: Any,
        pointer: Any,
        offset: Any = _NOTHING,
        step: Any = _NOTHING,
        steps: int = 0,
    ) -> None:
        """Write all elements."""
        place, of = self._as_vector(self.moved(pointer, offset, step, steps))
        self.builder.store(vector, place, align=_size(of))

    def store_masked(
        self,
        vector: Any,
        mask: Any,
        pointer: Any,
        offset: Any = _NOTHING,
        step: Any = _NOTHING,
        steps: int = 0,
    ) -> None:
        """Write the elements of a mask."""
        place, of = self._as_vector(self.moved(pointer, offset, step, steps))
        arguments = [vector, place, _I32(_size(of)), mask]
        self._call("llvm.masked.store.{}.p0", of, ir.VoidType(), arguments)

    def combine(self, weights: Sequence[float], vectors: Sequence[Any]) -> Any:
        """The sum of the vectors, each times a constant, in their order."""
        total = None
        for weight, vector in zip(weights, vectors, strict=True):
            if weight == 0:
                continue
            if total is None:
                total = vector if weight == 1 else self.builder.fmul(self._constant(weight), vector)
            elif weight in (1, -1):
                total = (self.builder.fadd if weight == 1 else self.builder.fsub)(total, vector)
            else:
                total = self.fused(self._constant(weight), vector, total)
        return self.zeros() if total is None else total

    def add_product(self, variable: Any, a: Any, b: Any) -> None:
        """Add a b, rounded once."""
        self.builder.store(self.fused(a, b, self.builder.load(variable)), variable)

    def add(self, a: Any, b: Any) -> Any:
        """a + b."""
        return self.builder.fadd(a, b)

    def shuffled(self, a: Any, b: Any, order: Iterable[int]) -> Any:
        """A vector of chosen elements of two, where those of ``b`` are numbered after ``a``'s."""
        places = ir.Constant(ir.VectorType(_I32, self.lanes), list(order))
        return self.builder.shuffle_vector(a, b, places)

    def replaces(self, value: Any, largest: Any) -> Any:
        """Whether a value becomes the largest so far; NaN does, and stays it."""
        b = self.builder
        return b.or_(b.fcmp_ordered(">", value, largest), b.fcmp_unordered("uno", value, value))

    def rectified(self, vector: Any, wanted: Any) -> Any:
        """max(vector, 0) if ``wanted``; NaN stays NaN."""
        below = self.builder.fcmp_ordered("<", vector, self.zeros())
        cut = self.builder.select(below, self.zeros(), vector)
        return self.builder.select(wanted, cut, vector)

    def zeros(self) -> Any:
        """A vector of zeros."""
        return self._constant(0)

    def _constant(self, number: float) -> Any:
        return self.splat(ir.Constant(self.number, float(number)))

    def fused(self, a: Any, b: Any, c: Any) -> Any:
        """a b + c, rounded once."""
        return self._call("llvm.fma.{}", self._type, self._type, [a, b, c])

    def _repeated(self, number: Any, of: Any) -> Any:
        undefined = ir.Constant(ir.VectorType(of, self.lanes), ir.Undefined)
        one = self.builder.insert_element(undefined, number, _I32(0))
        zeros = ir.Constant(ir.VectorType(_I32, self.lanes), [0] * self.lanes)
        return self.builder.shuffle_vector(one, undefined, zeros)

    def _as_vector(self, pointer: Any) -> tuple[Any, Any]:
        """A pointer to a vector, and the type of the vector."""
        of = ir.VectorType(pointer.type.pointee, self.lanes)
        return self.builder.bitcast(pointer, of.as_pointer()), of

    def _call(self, name: str, of: Any, result: Any, arguments: list[Any]) -> Any:
        """Call one of LLVM's functions for vectors of type ``of``."""
        kind = "i" if isinstance(of.element, ir.IntType) else "f"
        tagged = name.format(f"v{self.lanes}{kind}{8 * _size(of)}")
        signature = ir.FunctionType(result, [each.type for each in arguments])
        function = cgutils.get_or_insert_function(self.builder.module, signature, tagged)
        return self.builder.call(function, arguments)


def _size(of: Any) -> int:
    """Bytes of an element of a vector's type."""
    if isinstance(of.element, ir.IntType):
        return int(of.element.width) // 8
    return 8 if isinstance(of.element, ir.DoubleType) else 4
