"""Code for a vector of channels at a time: see ``norm_rows`` and ``norm_windows``.

Numba's vectorizer needs many channels for each pixel, and does not keep their sums in registers:
with 16 or 32 channels, as in the first layers of most networks, its loops take two to five times as
long.  Here a vector of channels is the outer loop, so what belongs to channels stays in registers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba.core import cgutils

from dlrun.nn.kernels.compiled.vectors import I64, Flat, Vectors

_I32 = ir.IntType(32)


class Channels:
    """A vector of channels, while code is being generated.

    Args:
        v: writes the code.
        place: the first channel.
        mask: those that exist; None if all do.
    """

    def __init__(self, v: Vectors, place: Any, mask: Any) -> None:
        self._v, self.place, self._mask = v, place, mask

    def load(self, array: Any) -> Any:
        """Their elements, after a pointer to the first channel's."""
        if self._mask is None:
            return self._v.load(array, self.place)
        return self._v.load_masked(self._mask, array, self.place)

    def store(self, vector: Any, array: Any) -> None:
        """Write their elements."""
        if self._mask is None:
            self._v.store(vector, array, self.place)
        else:
            self._v.store_masked(vector, self._mask, array, self.place)

    def load_numbers(self, array: Any) -> Any:
        """Their elements in an array of integers, as 32 bits each."""
        found, wide = self.load(array), ir.VectorType(_I32, self._v.lanes)
        return found if found.type == wide else self._v.builder.zext(found, wide)

    def store_numbers(self, vector: Any, array: Any) -> None:
        """Write integers of 32 bits to an array of smaller or equal ones."""
        kept = ir.VectorType(array.type.pointee, self._v.lanes)
        self.store(vector if vector.type == kept else self._v.builder.trunc(vector, kept), array)


def each_vector(v: Vectors, channels: Any, emit: Callable[[Channels], None]) -> None:
    """Write the code for all whole vectors of channels, and again for the rest."""
    b = v.builder
    whole = b.and_(channels, I64(-v.lanes))
    with cgutils.for_range_slice(b, I64(0), whole, I64(v.lanes)) as (place, _):
        emit(Channels(v, place, None))
    with b.if_then(b.icmp_signed("<", whole, channels)):
        emit(Channels(v, whole, v.first(b.sub(channels, whole))))


class Sums:
    """Two sums for each channel of a vector, in registers.

    Args:
        v: writes the code.
        at: the channels.
        sums: arrays of both, which ``store`` updates.
    """

    def __init__(self, v: Vectors, at: Channels, *sums: Flat) -> None:
        self._v, self._at, self._sums = v, at, sums
        self._one, self._two = v.variable(), v.variable()
        for register, array in zip((self._one, self._two), sums, strict=True):
            v.builder.store(at.load(array.data), register)

    def add(self, vector: Any, factor: Any) -> None:
        """Add a vector to the first, and its product with a factor to the second."""
        b = self._v.builder
        b.store(b.fadd(b.load(self._one), vector), self._one)
        self._v.add_product(self._two, vector, factor)

    def store(self) -> None:
        """Write both."""
        for register, array in zip((self._one, self._two), self._sums, strict=True):
            self._at.store(self._v.builder.load(register), array.data)
