"""Tests of paired differences: whether something is better, with the same seeds on both sides."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from dlrun.intervals import Estimate, Scale, deviation, estimate
from dlrun.sequential import FUTILE, chance, levels


@dataclass(frozen=True, slots=True)
class Differences:
    """What is to be tested: that the mean of differences is larger than 0.

    Attributes:
        values: one per seed, at least one.
        confidence: that a single test would have, 0 to 1.
        of: the known properties of a difference.
    """

    values: Sequence[float]
    confidence: float
    of: Scale

    @property
    def std(self) -> float | None:
        """The standard deviation, with the minimum of the scale; None of a single value."""
        return None if len(self.values) < 2 else max(deviation(self.values), self.of.least)


@dataclass(frozen=True, slots=True)
class Tested:
    """The result of a test.

    Attributes:
        holds: whether the whole interval is above 0.
        effect: the mean of the differences and its interval.
        confidence: of the interval, after the correction for several tests; with several looks,
            that of the intervals of all looks together.
        look: the place of the look whose differences these are: the first one at which the test
            holds, otherwise the last one.
        futile: whether it will hardly hold at a later look; False if it holds, or at the last look.
    """

    holds: bool
    effect: Estimate
    confidence: float
    look: int = 0
    futile: bool = False


def holm(differences: Mapping[str, Differences]) -> dict[str, Tested]:
    """Test several means of differences, once; see ``holm_at_looks``.

    Args:
        differences: by name.
    """
    return holm_at_looks({name: [each] for name, each in differences.items()}, (1,))


def holm_at_looks(
    differences: Mapping[str, Sequence[Differences | None]], looks: tuple[int, ...]
) -> dict[str, Tested]:
    """Test several means of differences, at several looks.

    Several tests are more likely than one to hold by chance.  So they are made in the order of
    their p-values, the j-th of m with an error of 1/(m - j + 1) of that of a single test (Holm, "A
    simple sequentially rejective multiple test procedure", Scandinavian Journal of Statistics
    1979).  After the first that does not hold, no other one holds, and all have its confidence.

    With several looks, each of these errors is spent over them (``dlrun.sequential``), and a test
    holds from the first look on at which it does; when one holds, the others are tested again, also
    at earlier looks, with the larger error (Maurer & Bretz, "Multiple testing in group sequential
    trials using graphical approaches", Statistics in Biopharmaceutical Research 2013).  The
    intervals are repeated ones, which contain the true mean at all looks with their confidence
    (Jennison & Turnbull, "Interim analyses: the repeated confidence interval approach", JRSS B
    1989).

    Args:
        differences: by name, those at each look so far; None where there are none, but not at all
            looks.
        looks: the number of values at each look, also at those to come.
    """
    left, found = dict(differences), dict[str, Tested]()
    places = {name: place for place, name in enumerate(differences)}
    while left:
        holding = [
            (look, _error(each) / (1 - each.confidence), places[name], name, each)
            for name, at in left.items()
            for look, each in enumerate(at)
            if each is not None and _above(_effect(each, look, looks, len(left)))
        ]
        if not holding:
            break
        look, *_, name, each = min(holding, key=lambda one: one[:3])
        confidence = 1 - (1 - each.confidence) / len(left)
        found[name] = Tested(True, _effect(each, look, looks, len(left)), confidence, look)
        del left[name]
    for name, at in left.items():
        found[name] = _not_shown(at, looks, len(left))
    return {name: found[name] for name in differences}


def _not_shown(at: Sequence[Differences | None], looks: tuple[int, ...], tests: int) -> Tested:
    """The result of a test that does not hold, at the last look that has differences."""
    look, each = [(place, each) for place, each in enumerate(at) if each is not None][-1]
    gone = at[-1] is None and len(at) < len(looks)
    confidence = 1 - (1 - each.confidence) / tests
    effect = _effect(each, look, looks, tests)
    return Tested(False, effect, confidence, look, gone or _futile(each, look, looks))


def _effect(each: Differences, look: int, looks: tuple[int, ...], tests: int) -> Estimate:
    """The mean with its repeated interval, if so many tests are left."""
    level = levels(looks, (1 - each.confidence) / tests)[look]
    return estimate(each.values, 1 - level, each.of)


def _above(effect: Estimate) -> bool:
    return effect.low is not None and effect.low > 0


def _futile(each: Differences, look: int, looks: tuple[int, ...]) -> bool:
    """Whether a test would hardly hold at its last look, even if all other tests held."""
    if look + 1 == len(looks):
        return False
    last = levels(looks, 1 - each.confidence)[-1]
    known = np.array(_one_sided(each))
    return bool(chance(known, looks[look] / looks[-1], last / 2) < FUTILE)


def _error(differences: Differences) -> float:
    """The two-sided p-value, P(|t| >= observed t); 1 if the mean is not above 0."""
    return min(1.0, 2 * _one_sided(differences))


def _one_sided(differences: Differences) -> float:
    """The p-value P(t >= observed t); 1 without any variation."""
    values, spread = differences.values, differences.std
    if not spread:
        return 1.0
    from scipy.special import stdtr

    n = len(values)
    t = math.fsum(values) / n / (spread / math.sqrt(n))
    return float(stdtr(n - 1, -t))
