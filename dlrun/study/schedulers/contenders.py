"""Which trials of a race still have a chance."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence

from dlrun.intervals import worse

ERROR = 0.05
"""The probability that a race loses the best of its trials."""


def contenders(
    alive: Collection[int],
    field: Mapping[int, Sequence[float]],
    looks: int,
    step: float = 0.0,
) -> list[int]:
    """The trials that may still turn out to be the best.

    A race as of Maron & Moore, "Hoeffding races", NIPS 1993, with paired differences as of
    Birattari, Stuetzle, Paquete & Varrentrapp, "A racing algorithm for configuring
    metaheuristics", GECCO 2002.  Each look after a seed takes an equal part of the error, so that
    many looks lose the best no more often than one.

    Args:
        alive: trials of the race.
        field: values by seed of all trials that have as many seeds, less is better; two or more.
        looks: how often a race of all seeds is looked at.
        step: of the score; see ``statistics.Scale``.
    """
    out = worse(field, leader(field), ERROR / looks, step)
    return [number for number in alive if number not in out]


def leader(field: Mapping[int, Sequence[float]]) -> int:
    """The trial with the least mean; of equals, the first."""
    return min(field, key=lambda number: (math.fsum(field[number]), number))
