"""Which machine code a computation needs, found by going through it without its kernels.

A kernel is compiled for the types of its arguments, and these follow from the code of the layers.
In a rehearsal a kernel that is not in memory yet is not compiled, loaded or run, but noted.  What
other threads do meanwhile is not changed.
"""

from __future__ import annotations

import threading
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from typing import Protocol


class Need(Protocol):
    """Machine code that a computation needs.

    Attributes:
        name: of the kernel, for people.
        size: roughly proportional to the time that compiling it takes.
    """

    name: str
    size: int

    @property
    def key(self) -> Hashable:
        """Equal for the same machine code."""

    @property
    def words(self) -> str | None:
        """A line from which another process makes the same need; None if it cannot."""

    def stored(self) -> bool:
        """Whether a file contains it."""

    def fulfil(self) -> None:
        """Load it, or compile and store it."""


class _Notes(threading.local):
    needs: dict[Hashable, Need] | None = None


_notes = _Notes()


@contextmanager
def rehearsed() -> Iterator[dict[Hashable, Need]]:
    """Inside the context this thread only notes what it needs, in a dictionary that is yielded."""
    before, _notes.needs = _notes.needs, {}
    try:
        yield _notes.needs
    finally:
        _notes.needs = before


def rehearsing() -> bool:
    """Whether this thread is in a rehearsal."""
    return _notes.needs is not None


def note(need: Need) -> None:
    """Note a need, in a rehearsal."""
    assert _notes.needs is not None
    _notes.needs[need.key] = need
