"""How many seeds the claims of a study, and the difference of its two best trials, need."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dlrun.intervals import deviation
from dlrun.power import cautious, pairs_needed, smallest_effect
from dlrun.study.results.ranking import Leaderboard

_CONFIDENCE = 0.95
"""Of a claim about the two best trials."""
_TIMES = (1, 2, 4)


@dataclass(frozen=True, slots=True)
class SeedsNeeded:
    """What a paired t-test over seeds would show of a comparison with a probability of 80 %.

    Attributes:
        comparison: a claim, or two trials.
        difference: the observed mean difference; positive if the first side is better.
        std: the standard deviation of the differences over seeds.
        confidence: of the test, after the correction for several claims.
        seeds: that the study has.
        needed: seeds with which a true difference as large as the observed one would be shown;
            None if it is not positive, or if more than 10,000 are needed.
        smallest: the smallest true difference that would be shown, by number of seeds: those of the
            study, twice and four times as many.
    """

    comparison: str
    difference: float
    std: float
    confidence: float
    seeds: int
    needed: int | None
    smallest: Mapping[int, float]


def seeds_needed(board: Leaderboard) -> list[SeedsNeeded]:
    """Plans for the claims and for the two best trials; empty before all trials have ended.

    A plan uses a cautious standard deviation (``dlrun.power.cautious``), because that of a few
    seeds may be too small by chance.
    """
    return [] if board.unfinished else list(_plans(board))


def _plans(board: Leaderboard) -> Iterator[SeedsNeeded]:
    for each in board.verdicts:
        if each.effect is not None and each.std:
            effect = each.effect
            name = f"claim '{each.name}'"
            yield _plan(name, effect.mean, each.std, each.confidence, effect.n)
    ranked = [row.trial for row in board.rows if row.trial.status == "completed"]
    if board.winner is None or len(ranked) < 2 or len(ranked[0].values) < 2:
        return
    best, second = ranked[:2]
    pairs = zip(best.values, second.values, strict=True)
    differences = [board.goal.sign * (other - one) for one, other in pairs]
    spread = max(deviation(differences), board.scale.step)
    if spread:
        name = f"trial {best.number} over trial {second.number}"
        mean = math.fsum(differences) / len(differences)
        yield _plan(name, mean, spread, _CONFIDENCE, len(differences))


def _plan(name: str, effect: float, spread: float, confidence: float, n: int) -> SeedsNeeded:
    error, planned = (1 - confidence) / 2, cautious(spread, n)
    needed = pairs_needed(effect, planned, error) if effect > 0 else None
    smallest = {times * n: smallest_effect(planned, times * n, error) for times in _TIMES}
    return SeedsNeeded(name, effect, spread, confidence, n, needed, smallest)
