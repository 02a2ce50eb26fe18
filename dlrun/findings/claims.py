"""Claims of an experiment, tested together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from dlrun.errors import InputError
from dlrun.findings.record import Verdict, Word
from dlrun.intervals import Scale, deviation
from dlrun.paired import Differences, Tested, holm


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim to test: that something is better than something else, pair by pair.

    Attributes:
        text: the claim, one sentence.
        better: values of the side that is claimed to be better, such as one per seed.
        than: values of the other side, in the same order.
        unit: of the values.
        lower: whether lower values are better.
        by: how much better at least, in the unit.
        within: claim instead that the difference is between -within and within.
        step: change of the values by one sample, such as 1/360; 0 if they are continuous.
        confidence: that a single test would have.
        remark: such as the reason of a surprise.
    """

    text: str
    better: Sequence[float]
    than: Sequence[float]
    unit: str
    lower: bool
    by: float
    within: float | None
    step: float
    confidence: float
    remark: str

    def __post_init__(self) -> None:
        for side in (self.better, self.than):
            if not all(math.isfinite(value) for value in side):
                raise InputError(f"claim '{self.text}' has values that are not finite")
        if len(self.better) != len(self.than) or len(self.better) < 2:
            raise InputError(
                f"claim '{self.text}' has {len(self.better)} and {len(self.than)} values; give "
                "both sides the same number of values, two or more"
            )
        if not (math.isfinite(self.by) and self.by >= 0):
            raise InputError(f"claim '{self.text}': by must be 0 or more, got {self.by}")
        if self.within is not None and not (math.isfinite(self.within) and self.within > 0):
            raise InputError(f"claim '{self.text}': within must be above 0, got {self.within}")
        if self.within is not None and self.by:
            raise InputError(f"claim '{self.text}': give by or within, not both")
        if not (math.isfinite(self.step) and self.step >= 0):
            raise InputError(f"claim '{self.text}': step must be 0 or more, got {self.step}")
        if not 0 < self.confidence < 1:
            raise InputError(
                f"claim '{self.text}': confidence must be between 0 and 1, such as 0.95, "
                f"got {self.confidence}"
            )

    @property
    def differences(self) -> list[float]:
        """How much better each pair is."""
        sign = -1.0 if self.lower else 1.0
        return [sign * (one - other) for one, other in zip(self.better, self.than, strict=True)]


def judged(claims: Sequence[Claim]) -> tuple[Verdict, ...]:
    """The verdicts of all claims of an experiment, with the correction of Holm for their number.

    A claim of a difference holds if the interval of the mean difference is above ``by``; its
    opposite holds if the interval, corrected for all claims, is below.  A claim that two things
    differ by less than ``within`` holds if the mean is significantly above ``-within`` and below
    ``within`` (two one-sided tests; Schuirmann, Journal of Pharmacokinetics and Biopharmaceutics
    1987), which counts as two tests.
    """
    tests: dict[str, Differences] = {}
    for number, claim in enumerate(claims):
        # The standard deviation of a difference is at least one step, that of a score 1 / sqrt(2).
        scale = Scale(step=math.sqrt(2) * claim.step)
        for side, values in _sides(claim).items():
            tests[f"{number} {side}"] = Differences(values, claim.confidence, scale)
    found = holm(tests)
    return tuple(
        _verdict(claim, [found[f"{number} {side}"] for side in _sides(claim)])
        for number, claim in enumerate(claims)
    )


def _sides(claim: Claim) -> dict[str, list[float]]:
    """The values whose means must be above 0 if the claim is true."""
    if claim.within is None:
        return {"above": [value - claim.by for value in claim.differences]}
    return {
        "above": [claim.within + value for value in claim.differences],
        "below": [claim.within - value for value in claim.differences],
    }


def _verdict(claim: Claim, tested: Sequence[Tested]) -> Verdict:
    values = claim.differences
    mean = math.fsum(values) / len(values)
    # The two tests of a claim with ``within`` can have different levels: each end of the interval
    # has that of its own test, so that it is where the verdict says.
    halves = [
        None if each.effect.low is None else each.effect.mean - each.effect.low for each in tested
    ]
    low = None if halves[0] is None else mean - halves[0]
    high = None if halves[-1] is None else mean + halves[-1]
    holds = all(each.holds for each in tested)
    spread = deviation(values)
    return Verdict(
        claim=claim.text,
        verdict=_word(claim, holds, low, high),
        unit=claim.unit,
        better=math.fsum(claim.better) / len(claim.better),
        than=math.fsum(claim.than) / len(claim.than),
        effect=mean,
        low=low,
        high=high,
        confidence=max(each.confidence for each in tested),
        pairs=len(values),
        standardized=mean / spread if spread else None,
        by=claim.by,
        within=claim.within,
        remark=claim.remark,
    )


def _word(claim: Claim, holds: bool, low: float | None, high: float | None) -> Word:
    if holds:
        return "holds"
    if low is None or high is None:
        return "undecided"
    if claim.within is not None:
        outside = low > claim.within or high < -claim.within
    else:
        outside = high < claim.by
    return "the opposite holds" if outside else "undecided"
