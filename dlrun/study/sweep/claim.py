"""What a study is to show: that one value is better than another."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field

from dlrun.intervals import Estimate, Scale, deviation, estimate
from dlrun.search.space import Space
from dlrun.search.suggestion import identity, thawed
from dlrun.spec import nodes
from dlrun.spec.build import build
from dlrun.spec.component import Component
from dlrun.spec.nodes import Node, show
from dlrun.spec.problems import Problems, did_you_mean

Values = Annotated[dict[str, Any], Field(min_length=1)]


class Claim(Component):
    """Trials with some values are better than those with others that are equal in all else."""

    better: Values
    """Keys of the space and the values that are to be better."""
    than: Values
    """The same keys, and the values that are to be worse."""
    confidence: Annotated[float, Field(gt=0.0, lt=1.0)] = 0.95
    """Of the interval of the difference; the claim holds where all of it is on the right side.
    Several claims share the error that this leaves (Holm)."""


@dataclass(frozen=True, slots=True)
class Scored:
    """A trial whose every run was scored: its values by key, and its score by seed."""

    suggestion: Mapping[str, Any]
    scores: Sequence[float]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a claim.

    Attributes:
        name: of the claim.
        holds: whether the whole interval is on the right side of 0.
        effect: how much better, by the mean over seeds of paired differences; None where there are
            no pairs.
        pairs: of trials.
        confidence: of the interval, after the correction for several claims.
        claims: that it was corrected for, itself included.
    """

    name: str
    holds: bool
    effect: Estimate | None
    pairs: int
    confidence: float
    claims: int


def read_claims(
    node: Node | None, space: Space | None, repeats: int, search: str, problems: Problems
) -> dict[str, Claim]:
    """The claims of a sweep by name; ``problems`` gets what is wrong with them.

    Args:
        node: of ``claims``; None where the sweep has none.
        space: None where it has faults of its own.
        repeats: of the sweep.
        search: the kind of its sampler.
        problems: gets the faults.
    """
    found: dict[str, Claim] = {}
    if node is None:
        return found
    if not isinstance(node, nodes.Sequence):
        problems.add(node.origin, "'claims' must be a list", "begin each item with '- '")
        return found
    if node.items and repeats < 2:
        problems.add(node.origin, "claims compare runs over seeds", "set 'repeats' to 3 or more")
    if node.items and search != "grid":
        what = f"claims need pairs of trials, which search '{search}' need not try"
        problems.add(node.origin, what, "use search: grid")
    for item in node.items:
        if not isinstance(item, nodes.Mapping) or len(item.entries) != 1:
            what = "a claim must be a name with 'better' and 'than'"
            problems.add(item.origin, what, "write '- the name: {better: {...}, than: {...}}'")
            continue
        ((name, entry),) = item.entries.items()
        claim = build(Claim, entry.value, problems, f"claim '{name}'")
        if name in found:
            problems.add(entry.key, f"claim '{name}' is made twice", "remove one")
        if claim is not None:
            found[name] = claim
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
                problems.add(place, what, "name one of its values")


def judge(
    claims: Mapping[str, Claim], trials: Sequence[Scored], sign: float, step: float = 0.0
) -> list[Verdict]:
    """Whether the trials bear claims out.

    Trials are paired that differ in the keys of the claim alone.  For each seed, the differences of
    all pairs are averaged; the interval is over seeds, which are independent, as pairs of the same
    seed are not.

    Several claims have more chances to hold without reason than one.  So they are taken in the
    order of their p-values, and the j-th of m has to hold with an error of 1/(m - j + 1) of its own
    (Holm, "A simple sequentially rejective multiple test procedure", Scandinavian Journal of
    Statistics 1979); those after one that does not hold do not either, and have its interval.

    Args:
        claims: by name.
        trials: all with scores, one a seed, in the same order.
        sign: what makes less better.
        step: of the score; see ``statistics.Scale``.
    """
    effects = {name: _differences(claim, trials, sign) for name, claim in claims.items()}
    order = sorted(
        (_error(differences, pairs, step) / (1 - claims[name].confidence), number, name)
        for number, (name, (differences, pairs)) in enumerate(effects.items())
        if pairs
    )
    verdicts: dict[str, Verdict] = {}
    left, failed = len(order), False
    for *_, name in order:
        differences, pairs = effects[name]
        confidence = 1 - (1 - claims[name].confidence) / left
        scale = Scale(step=math.sqrt(2 / pairs) * step)  # the mean of independent differences
        effect = estimate(differences, confidence, scale)
        failed = failed or effect.low is None or effect.low <= 0
        verdicts[name] = Verdict(name, not failed, effect, pairs, confidence, len(order))
        left -= not failed
    none = [name for name in claims if name not in verdicts]
    verdicts |= {name: Verdict(name, False, None, 0, claims[name].confidence, 1) for name in none}
    return [verdicts[name] for name in claims]


def _differences(claim: Claim, trials: Sequence[Scored], sign: float) -> tuple[list[float], int]:
    """How much better, by seed, the mean over pairs; and how many pairs there are."""
    sides = [_side(values, trials) for values in (claim.better, claim.than)]
    pairs = [(sides[0][rest], sides[1][rest]) for rest in sides[0] if rest in sides[1]]
    seeds = range(len(pairs[0][0]) if pairs else 0)
    means = [
        math.fsum(sign * (worse[seed] - better[seed]) for better, worse in pairs) / len(pairs)
        for seed in seeds
    ]
    return means, len(pairs)


def _error(differences: Sequence[float], pairs: int, step: float) -> float:
    """The p-value of a claim, on both sides: P(|t| >= the one found); 1 where there is none."""
    if len(differences) < 2:
        return 1.0
    from scipy.special import stdtr

    spread = max(deviation(differences), step / math.sqrt(pairs))
    if spread == 0.0:
        return 1.0
    seeds = len(differences)
    t = math.fsum(differences) / seeds / (spread / math.sqrt(seeds))
    return float(2 * stdtr(seeds - 1, -t)) if t > 0 else 1.0


def _side(values: Mapping[str, Any], trials: Sequence[Scored]) -> dict[str, Sequence[float]]:
    """The scores of the trials that have these values, by the identity of all their others."""
    wanted = {key: identity(thawed(value)) for key, value in values.items()}
    return {
        identity({key: value for key, value in each.suggestion.items() if key not in wanted}): (
            each.scores
        )
        for each in trials
        if all(
            key in each.suggestion and identity(each.suggestion[key]) == word
            for key, word in wanted.items()
        )
    }
