"""How often intervals, ties and claims are right, by simulation of studies with known means.

Nothing is timed: the numbers are counts of simulated studies, the same on every machine.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchmarks.groups.interval_rules import RULES
from benchmarks.measure import Settings
from benchmarks.report import Report
from dlrun.arrays import Array
from dlrun.intervals import Scale
from dlrun.power import pairs_needed, power, smallest_effect
from dlrun.selection import optimism, separated, worse
from dlrun.study.sweep.claim import Claim
from dlrun.study.sweep.verdicts import Measured, ScoredTrial, judge

SEEDS = (3, 5, 10)

Draw = Callable[[np.random.Generator, tuple[int, int]], Array]
"""Scores of a shape; each row is a study, or a trial."""


@dataclass(frozen=True, slots=True)
class Scores:
    """A distribution of the scores of seeds.

    Attributes:
        name: in tables.
        draw: the scores.
        mean: their true mean.
        scale: what a study knows of them.
    """

    name: str
    draw: Draw
    mean: float
    scale: Scale


def accuracy(samples: int, mean: float, between: float) -> Scores:
    """Accuracies on some samples of networks that differ by seed, skewed near 1 (beta-binomial)."""
    size = mean * (1 - mean) / between**2 - 1 if between else 0.0

    def draw(random: np.random.Generator, shape: tuple[int, int]) -> Array:
        right = random.beta(mean * size, (1 - mean) * size, shape) if between else mean
        return random.binomial(samples, right, shape) / samples

    name = f"accuracy {mean}, {samples} samples, std {between}"
    return Scores(name, draw, mean, Scale(0.0, 1.0, 1 / samples))


def loss(sigma: float) -> Scores:
    """Losses whose logarithm is normal."""

    def draw(random: np.random.Generator, shape: tuple[int, int]) -> Array:
        return random.lognormal(0.0, sigma, shape)

    return Scores(f"loss, lognormal {sigma}", draw, math.exp(sigma**2 / 2), Scale(low=0.0))


def _normal(random: np.random.Generator, shape: tuple[int, int]) -> Array:
    return random.normal(size=shape)


NORMAL = Scores("normal", _normal, 0.0, Scale())
COVERED = (
    accuracy(50, 0.9, 0.0),
    accuracy(50, 0.95, 0.02),
    accuracy(200, 0.98, 0.01),
    accuracy(1000, 0.95, 0.02),
    accuracy(1000, 0.98, 0.01),
    accuracy(1000, 0.98, 0.02),
    accuracy(50, 0.98, 0.0),
    *(loss(sigma) for sigma in (0.25, 0.5, 1.0)),
)
KINDS = (NORMAL, accuracy(20, 0.85, 0.0), accuracy(200, 0.95, 0.02), loss(0.5))


def coverage(settings: Settings) -> Report:
    """How often 95 % intervals of several rules contain the true mean, and how long they are."""
    studies = 200 if settings.quick else 4000
    report = Report("statistics/coverage", ("scores", "seeds", *RULES))
    for scores in COVERED:
        for seeds in SEEDS:
            drawn = scores.draw(np.random.default_rng(seeds), (studies, seeds))
            cells = []
            for name, rule in RULES.items():
                low, high = rule(drawn, scores.scale)
                covered = float(((low <= scores.mean) & (scores.mean <= high)).mean())
                length = float(np.median(high - low))
                cells.append(f"{percent(covered)}, {length:.3g}")
                report.data.append(
                    {
                        "scores": scores.name,
                        "seeds": seeds,
                        "rule": name,
                        "studies": studies,
                        "covered": covered,
                        "median_length": length if math.isfinite(length) else None,
                    }
                )
            report.rows.append((scores.name, str(seeds), *cells))
    report.notes.append(f"{studies} studies; coverage and median length")
    return report


def ties(settings: Settings) -> Report:
    """In how many studies any of truly equal trials is not marked as a tie; 5 % at most."""
    studies = 50 if settings.quick else 1000
    report = Report("statistics/ties", ("scores", "trials", "seeds", "Tukey", "Bonferroni"))
    for scores in KINDS:
        for trials, seeds in ((2, 3), (8, 3), (8, 5), (30, 3), (30, 5)):
            told = [0, 0]
            for field in _fields(scores, trials, seeds, studies):
                best = min(field, key=lambda number, field=field: sum(field[number]))  # type: ignore[misc]
                told[0] += bool(separated(field, best, 0.05, scores.scale.step))
                told[1] += bool(worse(field, best, 0.025, scores.scale.step))
            share = [each / studies for each in told]
            report.rows.append((scores.name, str(trials), str(seeds), *map(percent, share)))
            report.data.append(
                {
                    "scores": scores.name,
                    "trials": trials,
                    "seeds": seeds,
                    "studies": studies,
                    "separated": share[0],
                    "separated_by_bonferroni": share[1],
                }
            )
    report.notes.append(f"{studies} studies of equal trials; Bonferroni's is not used for ties")
    return report


def winner(settings: Settings) -> Report:
    """The estimated and the true optimism of the best trial, in standard errors of a mean."""
    studies = 50 if settings.quick else 1000
    columns = ("trials differ by", "trials", "seeds", "estimate", "truth", "mean error")
    report = Report("statistics/optimism", columns)
    for name, draw in _MEANS.items():
        for trials in (4, 8, 30):
            for seeds in SEEDS:
                random = np.random.default_rng(seeds)
                said, true = [], []
                for _ in range(studies):
                    means = draw(random, trials)
                    drawn = means[:, None] + random.normal(size=(trials, seeds))
                    best = int(drawn.mean(axis=1).argmin())
                    found = optimism(dict(enumerate(drawn.tolist())))
                    assert found is not None
                    said.append(found * math.sqrt(seeds))
                    true.append(float(means[best] - drawn[best].mean()) * math.sqrt(seeds))
                both = float(np.mean(said)), float(np.mean(true))
                off = float(np.mean(np.abs(np.subtract(said, true))))
                cells = (f"{each:.2f}" for each in (*both, off))
                report.rows.append((name, str(trials), str(seeds), *cells))
                report.data.append(
                    {
                        "means": name,
                        "trials": trials,
                        "seeds": seeds,
                        "studies": studies,
                        "estimate": both[0],
                        "truth": both[1],
                        "mean_absolute_error": off,
                    }
                )
    report.notes.append(f"{studies} studies")
    return report


def claims(settings: Settings) -> Report:
    """In how many studies any of untrue claims holds; 2.5 % at most, as a claim has a direction."""
    studies = 100 if settings.quick else 3000
    report = Report("statistics/claims", ("scores", "claims", *(f"{n} seeds" for n in SEEDS)))
    for scores in KINDS:
        for count in (1, 5):
            tested = {str(a): Claim(better={"a": a}, than={"a": 0}) for a in range(1, count + 1)}
            cells = []
            for seeds in SEEDS:
                held = 0
                for field in _fields(scores, count + 1, seeds, studies):
                    trials = [ScoredTrial({"a": a}, values) for a, values in field.items()]
                    measured = {"loss": Measured(trials, 1.0, scores.scale.step)}
                    held += any(each.holds for each in judge(tested, [measured], (seeds,)))
                cells.append(percent(held / studies))
                report.data.append(
                    {
                        "scores": scores.name,
                        "claims": count,
                        "seeds": seeds,
                        "studies": studies,
                        "held": held / studies,
                    }
                )
            report.rows.append((scores.name, str(count), *cells))
    report.notes.append(f"{studies} studies without any difference")
    return report


def planned(settings: Settings) -> Report:
    """The power of claims with the smallest difference that a plan promises: 80 %."""
    studies = 300 if settings.quick else 4000
    columns = ("seeds", "smallest difference", "computed power", "simulated power", "seeds for it")
    report = Report("statistics/power", columns)
    claim = {"c": Claim(better={"a": 1}, than={"a": 0})}
    for seeds in (2, *SEEDS, 20):
        effect = smallest_effect(math.sqrt(2), seeds, 0.025)
        random, held = np.random.default_rng(seeds), 0
        for _ in range(studies):
            better, than = random.normal(size=(2, seeds))
            than += effect
            trials = [ScoredTrial({"a": 1}, better.tolist()), ScoredTrial({"a": 0}, than.tolist())]
            held += judge(claim, [{"loss": Measured(trials)}], (seeds,))[0].holds
        row: dict[str, Any] = {
            "seeds": seeds,
            "smallest": effect,
            "computed": power(effect, math.sqrt(2), seeds, 0.025),
            "simulated": held / studies,
            "needed": pairs_needed(effect, math.sqrt(2), 0.025),
        }
        report.data.append({**row, "studies": studies})
        shown = (percent(row["computed"]), percent(row["simulated"]))
        report.rows.append((str(seeds), f"{effect:.3f}", *shown, str(row["needed"])))
    report.notes.append(f"{studies} studies; differences in standard deviations of a run")
    return report


def _equal(random: np.random.Generator, trials: int) -> Array:
    return np.zeros(trials)


def _alike(random: np.random.Generator, trials: int) -> Array:
    return random.normal(0.0, 0.5, trials)


def _different(random: np.random.Generator, trials: int) -> Array:
    return random.normal(0.0, 3.0, trials)


def _half_bad(random: np.random.Generator, trials: int) -> Array:
    return np.where(random.random(trials) < 0.5, 0.0, random.lognormal(2.0, 1.0, trials))


_MEANS: dict[str, Callable[[np.random.Generator, int], Array]] = {
    "nothing": _equal,
    "0.5 std": _alike,
    "3 std": _different,
    "half are bad": _half_bad,
}


def _fields(
    scores: Scores, trials: int, seeds: int, studies: int
) -> Iterator[dict[int, list[float]]]:
    """The scores of equal trials in each study, by trial and seed."""
    random = np.random.default_rng(trials * 100 + seeds)
    for _ in range(studies):
        yield dict(enumerate(scores.draw(random, (trials, seeds)).tolist()))


def percent(share: float) -> str:
    """A fraction, such as ``2.5 %``."""
    return f"{100 * share:.1f} %"
