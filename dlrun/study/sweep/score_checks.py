"""Whether the trials of a sweep report what its objectives and limits are about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dlrun.experiment.compile import Compiled
from dlrun.spec.problems import Problems
from dlrun.study.sweep.checks import known_scores
from dlrun.study.sweep.outcome_limits import OutcomeLimit, check_outcome_limits
from dlrun.study.sweep.single_values import Variants
from dlrun.study.sweep.sweep import Sweep


def requiring(
    variants: Variants,
    sweep: Sweep,
    limits: Sequence[OutcomeLimit],
    compiled: Compiled,
    problems: Problems,
) -> Variants:
    """The variants of a spec, which have to report the scores of objectives and limits.

    Args:
        variants: that may report anything.
        sweep: the typed sweep, whose objectives have been checked.
        limits: of the sweep.
        compiled: its spec.
        problems: gets an error for each limit of a score that neither the spec nor a value reports.
    """
    known = known_scores(compiled)
    reported = known
    if any(name not in known for limit in limits for name in limit.names):
        reported = list(dict.fromkeys([*known, *_of_values(variants)]))
    check_outcome_limits(limits, reported, problems)
    required = {name: limit.origin for limit in limits for name in limit.names if name in reported}
    # An objective that the spec does not report is an error of its own.
    required |= {goal.score: goal.place_of(goal.way) for goal in sweep.goals if goal.score in known}
    return replace(variants, required=required)


def _of_values(variants: Variants) -> list[str]:
    """The scores that the spec reports with single values of the space."""
    return [
        score
        for key in variants.space.keys
        for found in variants.of(key)
        if isinstance(found, Compiled)
        for score in known_scores(found)
    ]
