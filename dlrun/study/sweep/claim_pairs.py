"""Whether a grid has the trials that its claims compare."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain, islice
from typing import Any

from dlrun.search.point import narrowed
from dlrun.search.space import Space
from dlrun.search.suggestion import Suggestion, identity, thawed
from dlrun.spec.flow import show
from dlrun.spec.problems import Problems
from dlrun.study.sweep.claim import Claim
from dlrun.study.sweep.design import Design
from dlrun.study.sweep.limit_checks import MOST_TRIALS

_SIDES = ("better", "than")


def check_pairs(design: Design, problems: Problems) -> None:
    """Check that two trials differ only in the values of each claim.

    Args:
        design: of the study; its claims are valid, one by one.
        problems: gets the errors.
    """
    points: int | None = getattr(design.sweep.search, "points", None)
    if points is None:  # the trials of other searches are not known
        return
    untested = {name: _Pairs(claim) for name, claim in design.claims.items()}
    trials = _trials(design, points)
    for suggestion in islice(trials, MOST_TRIALS):
        untested = {name: each for name, each in untested.items() if not each.found(suggestion)}
        if not untested:
            return
    if next(trials, None) is not None:  # more than can be looked at
        return
    for name, pairs in untested.items():
        _report(name, pairs, design.space, points, problems)


def _trials(design: Design, points: int) -> Iterator[Suggestion]:
    """The trials of the grid and those of the points that are tried first."""
    parts = (narrowed(design.space, point) for point in design.first)
    return chain(design.space.grid(points), *(part.grid(points) for part in parts))


class _Pairs:
    """The trials on each side of a claim so far, by their other values."""

    def __init__(self, claim: Claim) -> None:
        self.claim = claim
        self.rests: dict[str, set[str]] = {side: set() for side in _SIDES}
        self._wanted = {side: _words(getattr(claim, side)) for side in _SIDES}

    def found(self, suggestion: Suggestion) -> bool:
        """Whether one of two trials that can be compared is this one."""
        for side, wanted in self._wanted.items():
            if all(
                key in suggestion and identity(suggestion[key]) == word
                for key, word in wanted.items()
            ):
                self.rests[side].add(
                    identity({k: suggestion[k] for k in suggestion.keys() - wanted})
                )
                return bool(set.intersection(*self.rests.values()))
        return False


def _words(values: Mapping[str, Any]) -> dict[str, str]:
    return {key: identity(thawed(value)) for key, value in values.items()}


def _report(name: str, pairs: _Pairs, space: Space, points: int, problems: Problems) -> None:
    """Say why a claim has no pair, at the place of the value if one is the reason."""
    claim = pairs.claim
    for side in _SIDES:
        for key, value in getattr(claim, side).items():
            values = space.dimensions[key].grid(points)
            if not pairs.rests[side] and identity(thawed(value)) not in map(identity, values):
                what = f"'{key}' is never {show(value)} in this grid"
                advice = f"its values are {show(list(values))}"
                problems.add(claim.place_of(f"{side}.{key}"), what, advice)
                return
    for side in _SIDES:
        if not pairs.rests[side]:
            what = (
                f"claim '{name}' cannot be tested: no trial of the grid has the values of '{side}'"
            )
            advice = "a 'when' or a constraint excludes them"
            problems.add(claim.place_of(side), what, advice)
            return
    what = f"claim '{name}' cannot be tested: no two trials of the grid differ only in it"
    problems.add(claim.origin, what, "fix the keys that only one side has, or add values")
