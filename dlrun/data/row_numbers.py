"""Names of samples that have none: their numbers in the file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import overload


class RowNumbers(Sequence[str]):
    """The numbers ``first`` to ``first + count - 1`` as text, which is made when it is read."""

    def __init__(self, count: int, first: int = 0) -> None:
        self._numbers = range(first, first + count)

    def __len__(self) -> int:
        return len(self._numbers)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[str]: ...
    def __getitem__(self, index: int | slice) -> str | Sequence[str]:
        """The number at a position, or the list of those in a slice."""
        if isinstance(index, slice):
            return [str(number) for number in self._numbers[index]]
        return str(self._numbers[index])
