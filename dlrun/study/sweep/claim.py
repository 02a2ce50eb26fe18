"""Claims: hypotheses that one value is better than another, tested by a study."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from dlrun.intervals import Estimate, Scale
from dlrun.paired import Differences, holm
from dlrun.search.space import Space
from dlrun.search.suggestion import identity, thawed
from dlrun.spec import nodes
from dlrun.spec.build import build
from dlrun.spec.component import Component
from dlrun.spec.nodes import Node, show
from dlrun.spec.problems import Problems, did_you_mean
from dlrun.study.sweep.cost import MULTIPLY_ADDS, PARAMETERS
from dlrun.study.sweep.objective import Objective

Values = Annotated[dict[str, Any], Field(min_length=1)]


class Claim(Component):
    """Trials with some values are better than trials that differ only in these values."""

    better: Values
    """Keys of the space, and their better values."""
    than: Values
    """The same keys, and their worse values."""
    confidence: Annotated[float, Field(gt=0.0, lt=1.0)] = 0.95
    """Confidence of the interval of the difference; the claim holds if the whole interval is on the
    claimed side of 0. The levels of several claims are adjusted (Holm)."""
    objective: str | None = None
    """The objective in which they are better, such as ``validation.loss``; required if the sweep
    has several objectives."""


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
        pairs: number of pairs of trials.
        confidence: of the interval, after the correction for several claims.
        claims: number of claims that the correction is for, this one included.
        std: the standard deviation of the differences over seeds; 0 if a continuous score has the
            same difference with every seed; None without pairs or with a single seed.
        objective: the score that it is about.
    """

    name: str
    holds: bool
    effect: Estimate | None
    pairs: int
    confidence: float
    claims: int
    std: float | None
    objective: str


def read_claims(
    node: Node | None,
    space: Space | None,
    repeats: int,
    search: str,
    goals: Sequence[Objective],
    problems: Problems,
) -> dict[str, Claim]:
    """The claims of a sweep by name.

    Args:
        node: the value of ``claims``; None if the sweep has none.
        space: the search space; None if it has errors.
        repeats: runs of each trial.
        search: the kind of its sampler.
        goals: its objectives; empty if they have errors.
        problems: gets the errors.
    """
    found: dict[str, Claim] = {}
    if node is None:
        return found
    if not isinstance(node, nodes.Sequence):
        problems.add(node.origin, "'claims' must be a list", "begin each item with '- '")
        return found
    if node.items and repeats < 2:
        problems.add(node.origin, "claims need several seeds", "set 'repeats' to 3 or more")
    if node.items and search != "grid":
        what = f"claims need pairs of trials, which search '{search}' may not suggest"
        problems.add(node.origin, what, "use search: grid")
    for item in node.items:
        if not isinstance(item, nodes.Mapping) or len(item.entries) != 1:
            what = "a claim must be a name with 'better' and 'than'"
            problems.add(item.origin, what, "write '- the name: {better: {...}, than: {...}}'")
            continue
        ((name, entry),) = item.entries.items()
        claim = build(Claim, entry.value, problems, f"claim '{name}'")
        if name in found:
            problems.add(entry.key, f"claim '{name}' is defined twice", "remove one")
        if claim is not None:
            found[name] = claim
            _check_objective(name, claim, goals, problems)
            if space is not None:
                _check(claim, space, problems)
    return found


def _check(claim: Claim, space: Space, problems: Problems) -> None:
    if claim.better.keys() != claim.than.keys():
        problems.add(claim.place_of("than"), "'better' and 'than' need the same keys")
    for field, values in (("better", claim.better), ("than", claim.than)):
        for key, value in values.items():
            place = claim.place_of(f"{field}.{key}")
            if key not in space.dimensions:
                problems.add(place, f"the space has no key '{key}'", did_you_mean(key, space.keys))
            elif not space.dimensions[key].contains(thawed(value)):
                what = f"'{key}' is never {show(value)}"
                problems.add(place, what, "use one of its values")


def _check_objective(
    name: str, claim: Claim, goals: Sequence[Objective], problems: Problems
) -> None:
    known, place = [goal.score for goal in goals], claim.place_of("objective")
    score = known[0] if claim.objective is None and len(known) == 1 else claim.objective
    if score is None and known:
        what = f"claim '{name}' needs 'objective', because the sweep has {len(known)}"
        problems.add(place, what, f"add 'objective: {known[0]}' or another of them")
    elif known and score not in known:
        what = f"'{score}' is not an objective of this sweep"
        problems.add(place, what, did_you_mean(str(score), known))
    elif score in (PARAMETERS, MULTIPLY_ADDS):
        what = f"'{score}' is computed and the same for every seed, so no claim on it can be tested"
        problems.add(place, what, "name a measured objective, or remove the claim")


def judge(claims: Mapping[str, Claim], measured: Mapping[str, Measured]) -> list[Verdict]:
    """Test claims on trials.

    Pairs of trials that differ only in the keys of the claim are compared.  For each seed, the
    differences of all pairs are averaged; the interval is over seeds, because seeds are independent
    and pairs of the same seed are not.

    The error is corrected for several claims; see ``dlrun.paired.holm``.

    Args:
        claims: by name.
        measured: the trials by objective, the first one first.
    """
    about = {name: claim.objective or next(iter(measured)) for name, claim in claims.items()}
    effects = {name: _differences(claims[name], measured[score]) for name, score in about.items()}
    tested = {}
    for name, (values, n) in effects.items():
        if n:
            # The mean of independent differences of several pairs varies less.
            scale = Scale(step=math.sqrt(2 / n) * measured[about[name]].step)
            tested[name] = Differences(values, claims[name].confidence, scale)
    found = holm(tested)
    return [
        Verdict(
            name,
            found[name].holds,
            found[name].effect,
            pairs,
            found[name].confidence,
            len(found),
            tested[name].std,
            about[name],
        )
        if name in found
        else Verdict(name, False, None, 0, claims[name].confidence, 1, None, about[name])
        for name, (_, pairs) in effects.items()
    ]


def _differences(claim: Claim, measured: Measured) -> tuple[list[float], int]:
    """How much better by seed, as the mean over pairs; and the number of pairs."""
    sign = measured.sign
    sides = [_side(values, measured.trials) for values in (claim.better, claim.than)]
    pairs = [(sides[0][rest], sides[1][rest]) for rest in sides[0] if rest in sides[1]]
    seeds = range(len(pairs[0][0]) if pairs else 0)
    means = [
        math.fsum(sign * (worse[seed] - better[seed]) for better, worse in pairs) / len(pairs)
        for seed in seeds
    ]
    return means, len(pairs)


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
