"""Which trials of a race still have a chance."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from dlrun.tune.statistics import estimate


def contenders(field: Mapping[int, Sequence[float]], best: Sequence[float]) -> list[int]:
    """The trials that may still turn out to be better than the best.

    Those are out whose 95 % t-interval of the differences to the best, seed by seed, lies on the
    wrong side of 0: a race as of Maron & Moore, "Hoeffding races", NIPS 1993, with the paired test
    of Birattari, Stuetzle, Paquete & Varrentrapp, "A racing algorithm for configuring
    metaheuristics", GECCO 2002.

    Args:
        field: values by seed of each trial by number, less is better; two or more.
        best: those of the trial of the least mean, with the same seeds.
    """
    found = []
    for number, values in field.items():
        difference = estimate([one - other for one, other in zip(values, best, strict=True)])
        if difference.low is None or difference.low <= 0:
            found.append(number)
    return found


def leader(field: Mapping[int, Sequence[float]]) -> Sequence[float]:
    """The values of the trial with the least mean; of equals, the first."""
    return min(field.items(), key=lambda each: (math.fsum(each[1]), each[0]))[1]
