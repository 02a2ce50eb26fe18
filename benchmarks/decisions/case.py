"""One thing to measure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Case:
    """A call, or a program, whose time is measured.

    Attributes:
        name: for tables.
        work: one call.
        multiply_adds: of a call; 0 if only its time matters.
        program: the work is a process and returns its own processor time in seconds.
        waits: the work waits for a thread or a disk, which is part of its time.
    """

    name: str
    work: Callable[[], object]
    multiply_adds: int = 0
    program: bool = False
    waits: bool = False
