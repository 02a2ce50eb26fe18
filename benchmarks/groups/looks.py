"""Claims that are tested at several looks, by simulation: false positives, power, seeds needed."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from benchmarks.groups.statistics import KINDS, percent
from benchmarks.measure import Settings
from benchmarks.report import Report
from dlrun.arrays import Array
from dlrun.power import smallest_effect
from dlrun.sequential import Walk, levels
from dlrun.sequential_power import held
from dlrun.study.sweep.claim import Claim
from dlrun.study.sweep.verdicts import Measured, ScoredTrial, judge

PLANS = ((3, 5), (2, 4, 6), (5, 10), (3, 6, 9, 12), (5, 10, 15, 20))
"""Numbers of seeds at the looks."""
ERROR = 0.05
EFFECTS = (0.0, 1.0, 1.5, 2.5)
"""True differences, relative to the one that a single test with all seeds shows in 80 %."""

Rule = Callable[[Array, tuple[int, ...]], tuple[Array, Array]]
"""From tests, one per row, to whether each holds and the seeds that it uses."""


def false_positives(settings: Settings) -> Report:
    """In how many studies any of untrue claims holds at any look; 2.5 % at most."""
    studies = 50 if settings.quick else 2000
    report = Report("statistics/looks", ("scores", "claims", *(_named(plan) for plan in PLANS)))
    for scores in KINDS:
        for count in (1, 3):
            tested = {str(a): Claim(better={"a": a}, than={"a": 0}) for a in range(1, count + 1)}
            cells = []
            for looks in PLANS:
                random, some = np.random.default_rng(looks[-1] * 10 + count), 0
                for _ in range(studies):
                    field = scores.draw(random, (count + 1, looks[-1]))
                    measured = _at(field, looks, scores.scale.step)
                    some += any(each.holds for each in judge(tested, measured, looks))
                cells.append(percent(some / studies))
                report.data.append(
                    {
                        "scores": scores.name,
                        "claims": count,
                        "looks": list(looks),
                        "studies": studies,
                        "held": some / studies,
                    }
                )
            report.rows.append((scores.name, str(count), *cells))
    report.notes.append(f"{studies} studies without any difference, none of them ended early")
    return report


def power(settings: Settings) -> Report:
    """How often claims hold by several rules, and how many seeds they use."""
    tests = 500 if settings.quick else 20_000
    report = Report("statistics/early", ("looks", "difference", *RULES))
    for looks in PLANS:
        single = smallest_effect(1.0, looks[-1], ERROR / 2)
        noise = np.random.default_rng(looks[-1]).normal(size=(tests, looks[-1]))
        for effect in EFFECTS:
            cells = []
            for name, rule in RULES.items():
                holds, used = rule(noise + effect * single, looks)
                shown, seeds = float(holds.mean()), float(used.mean())
                cells.append(f"{percent(shown)}, {seeds:.1f}")
                report.data.append(
                    {
                        "looks": list(looks),
                        "effect": effect,
                        "rule": name,
                        "tests": tests,
                        "held": shown,
                        "mean_seeds": seeds,
                    }
                )
            report.rows.append((_named(looks), f"{effect}", *cells))
    report.notes.append(f"{tests} tests of normal differences; how many hold, and mean seeds")
    return report


def _at(field: Array, looks: Sequence[int], step: float) -> list[dict[str, Measured]]:
    """The scores of trials, one per row, at each look."""
    found = []
    for look in looks:
        trials = [ScoredTrial({"a": a}, row[:look].tolist()) for a, row in enumerate(field)]
        found.append({"loss": Measured(trials, 1.0, step)})
    return found


def _named(looks: Sequence[int]) -> str:
    return " ".join(map(str, looks))


def _crossing(tests: Array, looks: Sequence[int], spent: Sequence[float]) -> tuple[Array, Array]:
    """Tests that end only when they hold, with one-sided errors at each look."""
    from scipy.special import stdtr

    holds, used = np.zeros(len(tests), bool), np.full(len(tests), looks[-1])
    for look, level in zip(looks, spent, strict=True):
        known = tests[:, :look]
        t = known.mean(axis=1) / known.std(axis=1, ddof=1) * math.sqrt(look)
        now = ~holds & (stdtr(look - 1, -t) < level)
        used[now] = look
        holds |= now
    return holds, used


def _spending(looks: Sequence[int], spent: Sequence[float]) -> list[float]:
    """The one-sided errors of looks that have spent so much of the error together."""
    walk, found = Walk(looks[0], spent[0]), [spent[0]]
    for before, now, look in zip(spent, spent[1:], looks[1:], strict=False):
        found.append(walk.level(look, now - before))
        walk.advance(look, found[-1])
    return found


def _single(tests: Array, looks: tuple[int, ...]) -> tuple[Array, Array]:
    return _crossing(tests, looks[-1:], [ERROR / 2])


def _ours(tests: Array, looks: tuple[int, ...]) -> tuple[Array, Array]:
    return held(tests, looks, ERROR)


def _not_given_up(tests: Array, looks: tuple[int, ...]) -> tuple[Array, Array]:
    return _crossing(tests, looks, [each / 2 for each in levels(looks, ERROR)])


def _fleming(tests: Array, looks: tuple[int, ...]) -> tuple[Array, Array]:
    """The spending function of Lan & DeMets that is like O'Brien & Fleming's boundary."""
    from scipy.special import ndtr, ndtri

    z = float(ndtri(1 - ERROR / 4))
    spent = [2 * float(ndtr(-z / math.sqrt(look / looks[-1]))) for look in looks]
    return _crossing(tests, looks, _spending(looks, spent))


def _pocock(tests: Array, looks: tuple[int, ...]) -> tuple[Array, Array]:
    """The spending function of Lan & DeMets that is like Pocock's boundary."""
    spent = [ERROR / 2 * math.log1p((math.e - 1) * look / looks[-1]) for look in looks]
    return _crossing(tests, looks, _spending(looks, spent))


def _normal(tests: Array, looks: tuple[int, ...]) -> tuple[Array, Array]:
    """Errors of normal values with a known standard deviation, for t."""
    many = tuple(600 // looks[-1] * look for look in looks)
    return _crossing(tests, looks, [each / 2 for each in levels(many, ERROR)])


def _uncorrected(tests: Array, looks: tuple[int, ...]) -> tuple[Array, Array]:
    return _crossing(tests, looks, [ERROR / 2] * len(looks))


def _anytime(tests: Array, looks: tuple[int, ...]) -> tuple[Array, Array]:
    """An e-value of t, with a standard normal prior of the effect, after each seed from the second.

    Wang & Ramdas, "Anytime-valid t-tests and confidence sequences for Gaussian means with unknown
    variance", Sequential Analysis 2025.
    """
    whole = looks[-1]
    holds, used = np.zeros(len(tests), bool), np.full(len(tests), whole)
    for n in range(2, whole + 1):
        known, freedom = tests[:, :n], n - 1
        t = known.mean(axis=1) / known.std(axis=1, ddof=1) * math.sqrt(n)
        shrunk = np.log1p(t**2 / freedom) - np.log1p(t**2 / (freedom * (1 + n)))
        logarithm = n / 2 * shrunk - math.log1p(n) / 2
        now = ~holds & (t > 0) & (logarithm >= -math.log(ERROR))
        used[now] = n
        holds |= now
    return holds, used


RULES: dict[str, Rule] = {
    "single test": _single,
    "ours": _ours,
    "ours, not given up": _not_given_up,
    "O'Brien-Fleming": _fleming,
    "Pocock": _pocock,
    "normal levels": _normal,
    "uncorrected": _uncorrected,
    "e-value": _anytime,
}
