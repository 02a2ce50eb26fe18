"""Cutting work into pieces that may run at the same time.

How many there are depends on the work alone, never on the number of threads: sums over pieces
have to be the same sums on every machine.
"""

from __future__ import annotations

from itertools import pairwise

MOST = 16
"""Pieces at most: enough for eight threads to end at nearly the same time."""


def cut(length: int, work: float, least: float, most: int = MOST) -> tuple[slice, ...]:
    """Parts of an axis, as equal as can be.

    Args:
        length: of the axis.
        work: what the whole axis costs, in any unit.
        least: what a piece should cost at least, in the same unit, to be worth handing over.
        most: pieces at most.
    """
    count = max(1, min(length, most, int(work / least)))
    edges = [length * number // count for number in range(count + 1)]
    return tuple(slice(a, b) for a, b in pairwise(edges))
