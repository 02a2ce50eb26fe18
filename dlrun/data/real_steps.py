"""Targets without those of padded steps."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from dlrun.arrays import Array
from dlrun.data.samples import Samples, chunks

RealSteps = Callable[[slice], Array]
"""Returns, for a slice of samples, 1 at real steps and 0 at padding, (n, time)."""


def targets_of(targets: Samples, real: RealSteps | None) -> Iterator[Array]:
    """The targets in order, some samples at a time.

    Args:
        targets: (n, ...).
        real: the real steps, to which they are restricted: (steps, ...); None returns all.
    """
    start = 0
    for chunk in chunks(targets):
        rows = slice(start, start + len(chunk))
        yield chunk if real is None else chunk[real(rows) != 0]
        start = rows.stop
