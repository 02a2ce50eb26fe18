"""Which trials of a race may still be the best."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence

from dlrun.selection import worse
from dlrun.study.results.domination import Field, front, surely_dominated

ERROR = 0.05
"""The probability that a race loses the best of its trials."""


def contenders(
    alive: Collection[int],
    field: Mapping[int, Sequence[float]],
    looks: int,
    step: float = 0.0,
) -> list[int]:
    """The trials that may still be the best.

    A race after Maron & Moore, "Hoeffding races", NIPS 1993, with paired differences after
    Birattari, Stuetzle, Paquete & Varrentrapp, "A racing algorithm for configuring
    metaheuristics", GECCO 2002.  There is a test after each seed, and each has the same fraction of
    the error probability, so that many tests lose the best trial no more often than one.

    Args:
        alive: trials of the race.
        field: values by seed of all trials with as many seeds, at least two; lower is better.
        looks: number of tests in a race of all seeds.
        step: of the score; see ``intervals.Scale``.
    """
    out = worse(field, leader(field), ERROR / looks, step)
    return [number for number in alive if number not in out]


def front_contenders(
    alive: Collection[int], field: Field, looks: int, steps: Sequence[float]
) -> list[int]:
    """The trials that may still be on the Pareto front.

    A trial is out if one on the front of the means surely dominates it, after Zhang,
    Georgiopoulos & Anagnostopoulos, "S-Race: a multi-objective racing algorithm", GECCO 2013. The
    error probability is divided by the number of all ordered pairs of trials, so that no trial of
    the true front is lost with that probability, however many it has.

    Args:
        alive: trials of the race.
        field: all trials with as many seeds, at least two.
        looks: number of tests in a race of all seeds.
        steps: of each objective; see ``intervals.Scale``.
    """
    out = set[int]()
    for number in front(field):
        out |= surely_dominated(field, number, ERROR / looks / len(field), steps)
    return [number for number in alive if number not in out]


def leader(field: Mapping[int, Sequence[float]]) -> int:
    """The trial with the lowest mean; the first of equal ones."""
    return min(field, key=lambda number: (math.fsum(field[number]), number))
