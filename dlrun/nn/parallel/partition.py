"""Cutting work into pieces that can run at the same time.

The number of pieces depends only on the work, never on the number of threads, so that sums over
pieces are the same on every machine.
"""

from __future__ import annotations

from itertools import pairwise

MOST = 16
"""Maximum number of pieces: enough for eight threads to finish at nearly the same time."""


def cut(length: int, work: float, least: float, most: int = MOST) -> tuple[slice, ...]:
    """Slices of an axis, of as equal length as possible.

    Args:
        length: of the axis.
        work: cost of the whole axis, in any unit.
        least: smallest cost of a piece, in the same unit, for which another thread pays off.
        most: maximum number of pieces.
    """
    count = max(1, min(length, most, int(work / least)))
    edges = [length * number // count for number in range(count + 1)]
    return tuple(slice(a, b) for a, b in pairwise(edges))
