"""Whether groups of runs differ in a score, by differences that are paired by seed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dlrun.collection.states import Mode
from dlrun.intervals import Estimate, Scale
from dlrun.paired import Differences, holm
from dlrun.summaries.run_groups import RunGroup
from dlrun.summaries.scales import scale_of

_CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class PairedTest:
    """The comparison of two groups.

    Attributes:
        better: the label of the group with the better mean; of equal ones the first.
        worse: the label of the other one.
        seeds: that both groups have.
        effect: by how much it is better: mean and interval of the differences; None without a
            common seed.
        certain: whether the whole interval is above 0.
        confidence: of the interval, after the correction for several comparisons.
        tests: number of comparisons that the correction is for, this one included.
    """

    better: str
    worse: str
    seeds: tuple[int, ...]
    effect: Estimate | None
    certain: bool
    confidence: float
    tests: int


def paired_tests(
    groups: Sequence[RunGroup], score: str, mode: Mode, sizes: Mapping[str, int]
) -> tuple[PairedTest, ...]:
    """Compare each group with the first one; none for a single group.

    Cross-validations are not compared: their scores are means over folds, not those of a training.

    The errors are corrected for several comparisons (``dlrun.paired.holm``).  Which group is
    better is not assumed: the test of each is two-sided.

    Args:
        groups: of runs.
        score: that is compared.
        mode: whether lower or higher is better.
        sizes: number of samples of each set; none if unknown.
    """
    if not groups or groups[0].of_folds:
        return ()
    others = [group for group in groups[1:] if not group.of_folds]
    sign = 1.0 if mode == "min" else -1.0
    first, base = groups[0], groups[0].values(score)
    # The difference of two scores has a step of the same size and no range.
    scale = Scale(step=math.sqrt(2) * scale_of(score, sizes.get(score.partition(".")[0], 0)).step)
    seeds: dict[str, tuple[int, ...]] = {}
    turned: dict[str, bool] = {}
    differences: dict[str, Differences] = {}
    for other in others:
        values = other.values(score)
        common = tuple(seed for seed in base if seed in values)
        gains = [sign * (values[seed] - base[seed]) for seed in common]  # how much first is better
        seeds[other.label] = common
        turned[other.label] = math.fsum(gains) < 0
        if gains:
            oriented = [-gain for gain in gains] if turned[other.label] else gains
            differences[other.label] = Differences(oriented, _CONFIDENCE, scale)
    results = holm(differences)
    found = []
    for other in others:
        names = (first.label, other.label)
        better, worse = reversed(names) if turned[other.label] else names
        result = results.get(other.label)
        found.append(
            PairedTest(
                better,
                worse,
                seeds[other.label],
                None if result is None else result.effect,
                result is not None and result.holds,
                _CONFIDENCE if result is None else result.confidence,
                len(results),
            )
        )
    return tuple(found)


def sentence(test: PairedTest) -> str:
    """The result of a comparison in words; numbers have four decimals.

    Without an interval, that is with one pair or equal differences with all seeds, it has no
    verdict.
    """
    one, other, effect, n = test.better, test.worse, test.effect, len(test.seeds)
    if effect is None:
        return (
            f"{one} and {other} have no seed in common that was trained to its end and has this "
            "score, so their difference is not tested; train both with the same seeds"
        )
    by = _short(effect.mean)
    if effect.mean == 0 and effect.low is None:
        return f"{one} and {other} are equal {_with(n)}"
    if effect.low is None or effect.high is None:
        why = "one pair has no interval" if n == 1 else "the difference does not depend on the seed"
        return f"{one} is better than {other} by {by} {_with(n)}; no verdict, because {why}"
    ends = f"{_short(effect.low)} to {_short(effect.high)}"
    several = f", corrected for {test.tests} comparisons" if test.tests > 1 else ""
    interval = f"({100 * test.confidence:.4g} % interval {ends}, {n} pairs{several})"
    if test.certain:
        return f"{one} is better than {other} by {by} {interval}"
    none = f"no clear difference between {one} and {other}"
    if abs(effect.mean) <= 1e-12 * (effect.high - effect.low):  # a sum of rounded differences
        return f"{none}: they are equal on average {interval}"
    return f"{none}: {one} is better by {by} on average {interval}"


def _with(n: int) -> str:
    return "with the only common seed" if n == 1 else f"with each of {n} seeds"


def _short(value: float) -> str:
    return f"{value:.4f}" if value == 0 or 1e-3 <= abs(value) < 1e5 else f"{value:.3e}"
