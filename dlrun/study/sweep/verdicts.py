"""Verdicts: the tests of claims on the trials of a study."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from dlrun.intervals import Estimate, Scale
from dlrun.paired import Differences, holm_at_looks
from dlrun.search.suggestion import identity, thawed
from dlrun.study.sweep.claim import Claim


@dataclass(frozen=True, slots=True)
class ScoredTrial:
    """A trial whose runs all have scores: its values by key, and its score by seed."""

    suggestion: Mapping[str, Any]
    scores: Sequence[float]


@dataclass(frozen=True, slots=True)
class Measured:
    """All trials with scores of one objective.

    Attributes:
        trials: with one score per seed, in the same order.
        sign: factor that makes lower scores better.
        step: of the score; see ``intervals.Scale``.
    """

    trials: Sequence[ScoredTrial]
    sign: float = 1.0
    step: float = 0.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """The result of the test of a claim.

    Attributes:
        name: of the claim.
        holds: whether the whole interval is on the claimed side of 0.
        effect: how much better, as the mean over seeds of paired differences; None without pairs.
            With several looks, its interval is a repeated one, at the look that decided, or at the
            last one.
        pairs: number of pairs of trials.
        confidence: of the interval, after the correction for several claims; with several looks,
            that of the intervals of all looks together.
        claims: number of claims that the correction is for, this one included.
        std: the standard deviation of the differences over seeds; 0 if a continuous score has the
            same difference with every seed; None without pairs or with a single seed.
        objective: the score that it is about.
        looks: numbers of seeds after which it is tested; one for a single test.
        futile: whether it does not hold, and later looks would hardly show it.
    """

    name: str
    holds: bool
    effect: Estimate | None
    pairs: int
    confidence: float
    claims: int
    std: float | None
    objective: str
    looks: tuple[int, ...] = ()
    futile: bool = False

    @property
    def early(self) -> bool:
        """Whether it was decided, or left open, before the last look."""
        return len(self.looks) > 1 and (self.effect is None or self.effect.n < self.looks[-1])

    @property
    def open(self) -> bool:
        """Whether later looks may show it."""
        return not self.holds and not self.futile


def judge(
    claims: Mapping[str, Claim],
    measured: Sequence[Mapping[str, Measured]],
    looks: tuple[int, ...],
) -> list[Verdict]:
    """Test claims on trials.

    Pairs of trials that differ only in the keys of the claim are compared.  For each seed, the
    differences of all pairs are averaged; the interval is over seeds, because seeds are independent
    and pairs of the same seed are not.

    The error is corrected for several claims and looks; see ``dlrun.paired.holm_at_looks``.

    Args:
        claims: by name.
        measured: the trials by objective, the first one first, at each look so far.
        looks: numbers of seeds at the looks, also at those to come; one for a single test.
    """
    about = {name: each.objective or next(iter(measured[0])) for name, each in claims.items()}
    tests: dict[str, list[Differences | None]] = {}
    pairs: dict[str, list[int]] = {}
    for name, claim in claims.items():
        at = [_differences(claim, look[about[name]]) for look in measured]
        pairs[name] = [number for _, number in at]
        tests[name] = [each for each, _ in at]
    compared = {name: at for name, at in tests.items() if any(each is not None for each in at)}
    found = holm_at_looks(compared, looks)
    verdicts = []
    for name, claim in claims.items():
        if name not in found:
            untested = Verdict(name, False, None, 0, claim.confidence, 1, None, about[name], looks)
            verdicts.append(replace(untested, futile=len(measured) < len(looks)))
            continue
        each = found[name]
        tested = tests[name][each.look]
        assert tested is not None
        verdict = Verdict(
            name=name,
            holds=each.holds,
            effect=each.effect,
            pairs=pairs[name][each.look],
            confidence=each.confidence,
            claims=len(found),
            std=tested.std,
            objective=about[name],
            looks=looks,
            futile=each.futile,
        )
        verdicts.append(verdict)
    return verdicts


def _differences(claim: Claim, measured: Measured) -> tuple[Differences | None, int]:
    """How much better by seed, as the mean over pairs, None without pairs; and their number."""
    sign = measured.sign
    sides = [_side(values, measured.trials) for values in (claim.better, claim.than)]
    pairs = [(sides[0][rest], sides[1][rest]) for rest in sides[0] if rest in sides[1]]
    if not pairs:
        return None, 0
    means = [
        math.fsum(sign * (worse[seed] - better[seed]) for better, worse in pairs) / len(pairs)
        for seed in range(len(pairs[0][0]))
    ]
    # The mean of independent differences of several pairs varies less.
    scale = Scale(step=math.sqrt(2 / len(pairs)) * measured.step)
    return Differences(means, claim.confidence, scale), len(pairs)


def _side(values: Mapping[str, Any], trials: Sequence[ScoredTrial]) -> dict[str, Sequence[float]]:
    """The scores of the trials that have these values, by the identity of all other values."""
    required = {key: identity(thawed(value)) for key, value in values.items()}
    return {
        identity({key: value for key, value in each.suggestion.items() if key not in required}): (
            each.scores
        )
        for each in trials
        if all(
            key in each.suggestion and identity(each.suggestion[key]) == word
            for key, word in required.items()
        )
    }
