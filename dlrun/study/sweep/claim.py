"""Claims: hypotheses that one value is better than another, tested by a study."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import Field

from dlrun.search.space import Space
from dlrun.search.suggestion import identity, thawed
from dlrun.search.taken import taken
from dlrun.spec import nodes
from dlrun.spec.build import build
from dlrun.spec.component import Component
from dlrun.spec.flow import show
from dlrun.spec.nodes import Node
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
    if not isinstance(node, nodes.Sequence):  # which is reported as of any list
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
            claim = claim if space is None else _as_suggested(claim, space)
            found[name] = claim
            _check_objective(name, claim, goals, problems)
            if space is not None:
                _check(claim, space, problems)
    return found


def _as_suggested(claim: Claim, space: Space) -> Claim:
    """The same claim with its numbers as trials have them."""
    sides = {
        field: {
            key: taken(space.dimensions[key], value) if key in space.dimensions else value
            for key, value in values.items()
        }
        for field, values in (("better", claim.better), ("than", claim.than))
    }
    return claim.model_copy(update=sides)


def _check(claim: Claim, space: Space, problems: Problems) -> None:
    if claim.better.keys() != claim.than.keys():
        problems.add(claim.place_of("than"), "'better' and 'than' need the same keys")
    elif identity(thawed(claim.better)) == identity(thawed(claim.than)):
        what = "'better' and 'than' have the same values"
        problems.add(claim.place_of("than"), what, "name the values that should be worse")
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
