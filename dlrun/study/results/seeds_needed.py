"""How many seeds the claims of a study, and the difference of its two best trials, need."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dlrun.intervals import deviation
from dlrun.power import cautious, pairs_needed, smallest_effect
from dlrun.sequential_power import compared
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
        seeds: that the study has, or plans if looks ended it early.
        needed: seeds with which a true difference as large as the observed one would be shown;
            None if it is not positive, or if more than 10,000 are needed.  With looks, this is the
            maximum.
        smallest: the smallest true difference that would be shown, by number of seeds: ``seeds``,
            twice and four times as many.
        expected: with looks, the mean number of seeds until the test ends, if ``needed`` is the
            maximum and the observed difference is the true one; None without looks.
    """

    comparison: str
    difference: float
    std: float
    confidence: float
    seeds: int
    needed: int | None
    smallest: Mapping[int, float]
    expected: float | None = None


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
            yield _plan(name, effect.mean, each.std, each.confidence, effect.n, each.looks)
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
        planned = board.verdicts[0].looks[-1:] if board.verdicts else (board.repeats,)
        yield _plan(name, mean, spread, _CONFIDENCE, len(differences), planned)


def _plan(
    name: str, effect: float, spread: float, confidence: float, n: int, looks: tuple[int, ...]
) -> SeedsNeeded:
    """The plan of a comparison with so many seeds.

    With looks, that of a single test for as many looks at the same fractions of the seeds.  It
    needs a larger effect for the same power, or by the square of that more seeds.
    """
    error, planned = (1 - confidence) / 2, cautious(spread, n)
    test = compared(looks, 1 - confidence)
    needed = pairs_needed(effect, planned, error) if effect > 0 else None
    needed = None if needed is None else math.ceil(needed * test.effect**2)
    expected = None if needed is None or len(looks) == 1 else needed * test.values
    smallest = {
        seeds: test.effect * smallest_effect(planned, seeds, error)
        for seeds in (times * looks[-1] for times in _TIMES)
    }
    return SeedsNeeded(name, effect, spread, confidence, looks[-1], needed, smallest, expected)
