"""Whether groups of runs differ in a score, by differences that are paired by seed."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dlrun.collection.loss_keys import different_units, is_loss
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
        obstacle: why the difference is not tested, in words; None if it is.
        other_data: whether the groups were trained with different data with one of these seeds.
    """

    better: str
    worse: str
    seeds: tuple[int, ...]
    effect: Estimate | None
    certain: bool
    confidence: float
    tests: int
    obstacle: str | None = None
    other_data: bool = False


def paired_tests(
    groups: Sequence[RunGroup],
    score: str,
    mode: Mode,
    sizes: Mapping[str, int],
    data: Mapping[str, str],
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
        data: the fingerprint of the data by directory of a run, of the runs whose data differs.
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
    obstacles: dict[str, str | None] = {}
    for other in others:
        values = other.values(score)
        common = tuple(seed for seed in base if seed in values)
        gains = [sign * (values[seed] - base[seed]) for seed in common]  # how much first is better
        seeds[other.label] = common
        obstacles[other.label] = _obstacle(first, other, score, common)
        turned[other.label] = obstacles[other.label] is None and math.fsum(gains) < 0
        if obstacles[other.label] is None:
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
                obstacles[other.label],
                result is not None and _other_data(first, other, seeds[other.label], data),
            )
        )
    return tuple(found)


def _obstacle(first: RunGroup, other: RunGroup, score: str, common: Sequence[int]) -> str | None:
    """Why the difference of two groups is not tested; None if it is."""
    units = different_units([first.example, other.example]) if is_loss(score) else []
    if units:
        keys = " and ".join(f"'{key}'" for key in units)
        known = [name for name in first.scores if name in other.scores and not is_loss(name)]
        # Of the same set if there is one: the order of a set of names is that of the spec.
        known.sort(key=lambda name: name.partition(".")[0] != score.partition(".")[0])
        instead = (
            f"compare a metric, with --score {known[0]}"
            if known
            else "add a metric to the specs and compare that"
        )
        return f"have different {keys}, so their {score} cannot be compared; {instead}"
    if not common:
        return (
            "have no seed in common that was trained to its end and has this score, so their "
            "difference is not tested; train both with the same seeds"
        )
    return None


def _other_data(
    first: RunGroup, other: RunGroup, seeds: Sequence[int], data: Mapping[str, str]
) -> bool:
    """Whether two groups had different data with one of their seeds."""
    from dlrun.data.fingerprint import same_data

    pairs = [[data.get(each.counted[seed].directory) for each in (first, other)] for seed in seeds]
    return any(None not in pair and not same_data(*pair) for pair in pairs)


def sentence(test: PairedTest) -> str:
    """The result of a comparison in words; numbers have four decimals.

    Without an interval, that is with one pair or equal differences with all seeds, it has no
    verdict.  A second sentence names other data as a possible cause of the difference.
    """
    if test.effect is None:
        return f"{test.better} and {test.worse} {test.obstacle}"
    more = ". They were trained with different data, which may be the cause" * test.other_data
    return _verdict(test, test.effect) + more


def _verdict(test: PairedTest, effect: Estimate) -> str:
    one, other, n = test.better, test.worse, len(test.seeds)
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
