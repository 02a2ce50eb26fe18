"""Limits of costs and scores that the trials of a sweep must meet: its key ``limits``."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from dlrun.experiment import score_names
from dlrun.search import constraint
from dlrun.search.constraint import Constraint, Names
from dlrun.search.space import Space
from dlrun.spec import nodes
from dlrun.spec.nodes import Node
from dlrun.spec.origin import Origin
from dlrun.spec.problems import Problems, near
from dlrun.study.sweep.cost import COSTS

_NAME = re.compile(r"(?<![\w.])(?:train|validation|test|cost)\.[A-Za-z]\w*(?:\.\d+)?")
_WORD = re.compile(r"(?<![\w.])(?!(?:and|or|not)\b)[A-Za-z_][\w.]*")
_EXAMPLE = "cost.parameters <= 1e5"


@dataclass(frozen=True, slots=True)
class OutcomeLimit:
    """A comparison of costs and scores, and its place in the sweep."""

    constraint: Constraint
    origin: Origin

    @property
    def names(self) -> Sequence[str]:
        """The costs and scores that it contains."""
        return sorted(self.constraint.keys)

    @property
    def known_before(self) -> bool:
        """Whether the spec of a trial decides, without any training."""
        return self.constraint.keys <= set(COSTS)

    def unmet(self, values: Mapping[str, float | None]) -> str:
        """Why some costs and scores do not meet it; empty if they do."""
        here = {name: values.get(name) for name in self.names}
        known = {k: v for k, v in here.items() if v is not None and math.isfinite(v)}
        if len(known) == len(here) and self.constraint.holds(known):
            return ""
        shown = ", ".join(
            f"{name} is {known[name]:.6g}" if name in known else f"{name} has no finite value"
            for name in here
        )
        return f"'{self.constraint.text}' is not met: {shown}"


def read_outcome_limits(
    node: Node | None, space: Space | None, problems: Problems
) -> tuple[OutcomeLimit, ...]:
    """The limits of a sweep.

    Args:
        node: the value of ``limits``; None if the sweep has none.
        space: the search space; None if it has errors.
        problems: gets the errors.
    """
    if not isinstance(node, nodes.Sequence):  # which is reported as of any list
        return ()
    found = []
    for item in node.items:
        if not isinstance(item, nodes.Scalar) or not isinstance(item.value, str):
            continue
        keys = [key for key in (() if space is None else space.keys) if _contains(item.value, key)]
        if keys:
            what = f"'{keys[0]}' is a key of the space, not a cost or score"
            problems.add(item.origin, what, "write the comparison under 'constraints'")
            continue
        others = [word for word in _WORD.findall(item.value) if not _NAME.fullmatch(word)]
        if others:
            meant = near(others[0], COSTS)
            begin = "names begin with cost., validation. or train., such as validation.loss"
            advice = begin if meant is None else f"did you mean '{meant}'?"
            problems.add(item.origin, f"no run reports '{others[0]}'", advice)
            continue
        names = Names(dict.fromkeys(_NAME.findall(item.value), True), "no run reports", _EXAMPLE)
        limit = constraint.read(item.value, names, item.origin, problems)
        if limit is None:
            continue
        if limit.keys:
            found.append(OutcomeLimit(limit, item.origin))
        else:
            what = f"'{item.value}' contains neither a cost nor a score"
            problems.add(item.origin, what, f"write e.g. '{_EXAMPLE}'")
    return tuple(found)


def check_outcome_limits(
    limits: Iterable[OutcomeLimit], known: Sequence[str], problems: Problems
) -> None:
    """Check that runs report what the limits contain.

    Args:
        limits: of the sweep.
        known: the costs, and the scores that runs of its spec report.
        problems: gets the errors.
    """
    for limit in limits:
        for name in limit.names:
            if name not in known:
                problems.add(limit.origin, *score_names.unreported(name, known))


def _contains(text: str, key: str) -> bool:
    return re.search(rf"(?<![\w.]){re.escape(key)}(?![\w.])", text) is not None
