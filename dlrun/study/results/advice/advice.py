"""What to change in a search space after a study, one line per key."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from dlrun.experiment.experiment import Experiment
from dlrun.search.dimensions.base import Dimension
from dlrun.search.dimensions.fixed import Fixed
from dlrun.search.importance import Importance
from dlrun.spec.allowed import allowed
from dlrun.spec.flow import show
from dlrun.study.results.advice.ends import end_of
from dlrun.study.results.advice.failures import Change, failing
from dlrun.study.results.advice.unimportant import FEWEST, unimportant
from dlrun.study.results.advice.widened import widened
from dlrun.study.results.advice.written import written
from dlrun.study.results.ranking import Leaderboard
from dlrun.study.results.shares import shares
from dlrun.study.store.trial import Trial
from dlrun.study.sweep.cost import COSTS
from dlrun.study.sweep.design import Design


@dataclass(frozen=True, slots=True)
class Advice:
    """A change of a key's dimension.

    Attributes:
        key: of the space.
        place: its file and line, such as ``sweep.yaml:12``.
        reason: for the change.
        text: the dimension to write instead, in YAML; empty if none can be named.
    """

    key: str
    place: str
    reason: str
    text: str

    @property
    def line(self) -> str:
        """Everything in a line."""
        change = f"; write {self.text}" if self.text else ""
        return f"{self.place}: {self.key}: {self.reason}{change}"


def advise(
    design: Design,
    board: Leaderboard,
    importance: Callable[[], Mapping[str, Mapping[str, Importance]]] | None = None,
) -> list[Advice]:
    """The changes that a study suggests; none before it is complete.

    Args:
        design: of the study.
        board: its trials.
        importance: returns that of the keys, by objective and key; None for ``shares``.
    """
    if board.unfinished or len(board.rows) < (design.trials or 1) + len(board.extra):
        return []
    counted = [
        row.trial for row in board.rows if row.trial.status != "forgotten" and not row.trial.skipped
    ]
    trials = sorted(counted, key=lambda trial: trial.number)
    keys = {
        key: each
        for key, each in design.space.dimensions.items()
        if each.size != 1 and key != "seed"  # no seed is better than others
    }
    tests = sum(2 if each.numeric else each.size or 0 for each in keys.values())
    whole = [trial for trial in trials if trial.number not in board.forks]
    idle = _idle(design, whole, importance or partial(shares, design, board))
    found = []
    for key, dimension in keys.items():
        changes = list(_failing(key, dimension, trials, tests))
        if not changes and key in idle:
            changes = [_fixed(key, board, sum(bool(trial.expected) for trial in whole))]
        elif key not in idle:
            changes += _at_ends(key, dimension, board, trials)
        if changes:
            text = _applied(dimension, (change for _, change in changes))
            reason = "; ".join(reason for reason, _ in changes)
            found.append(Advice(key, board.places[key], reason, text))
    return found


_Reason = tuple[str, Change]
"""A reason for a change, and the change."""


def _applied(dimension: Dimension, changes: Iterable[Change]) -> str:
    """The dimension after all changes that are possible, in YAML; empty if none is."""
    new = dimension
    for change in changes:
        new = change(new) or new
    return "" if new == dimension else written(new)


def _failing(
    key: str, dimension: Dimension, trials: Sequence[Trial], tests: int
) -> Iterator[_Reason]:
    ended = [
        (trial.suggestion[key], trial.status == "failed")
        for trial in trials
        if key in trial.suggestion
    ]
    for each in failing(dimension, ended, tests):
        yield f"all {each.failed} trials {each.where} failed", each.removed


def _idle(
    design: Design,
    trials: Sequence[Trial],
    importance: Callable[[], Mapping[str, Mapping[str, Importance]]],
) -> list[str]:
    """The keys that do not matter, of those that every trial has and no other key depends on."""
    if sum(bool(trial.expected) for trial in trials) < FEWEST:
        return []
    space = design.space
    conditions = {other for key in space.keys for other in space.conditions(key)}
    found = unimportant(importance())
    return [key for key in found if key not in conditions and not space.conditions(key)]


def _fixed(key: str, board: Leaderboard, count: int) -> _Reason:
    """Do not vary a key; keep its value in the first trial of the leaderboard."""
    goals = " or ".join(goal.score for goal in board.goals)
    fixed = Fixed(value=board.rows[0].trial.suggestion[key])
    return f"little or no effect on {goals} in {count} trials", lambda _: fixed


def _at_ends(
    key: str, dimension: Dimension, board: Leaderboard, trials: Sequence[Trial]
) -> Iterator[_Reason]:
    """The ends at which the best trial by an objective is; costs are best at an end anyway."""
    evaluated = [trial.suggestion[key] for trial in trials if key in trial.suggestion]
    done = [trial for trial in trials if trial.status == "completed" and trial.estimates]
    seen = set[bool]()
    for place, goal in enumerate(board.goals):
        if goal.score in COSTS or not done:
            continue
        means = {trial.number: goal.sign * trial.estimates[place].mean for trial in done}
        best = min(done, key=lambda trial: (means[trial.number], trial.number))
        if key not in best.suggestion:
            continue
        end = end_of(dimension, best.suggestion[key], evaluated)
        if end is not None and end.upper not in seen:
            seen.add(end.upper)
            which = f"trial with the best {goal.score}" if len(board.goals) > 1 else "best trial"
            reason = f"the {which} is at the {end.name} ({show(end.value)})"
            yield reason, partial(_further, key, end.upper)


def _further(key: str, upper: bool, dimension: Dimension) -> Dimension | None:
    """The dimension with another end, if the key may have its value."""
    new = widened(dimension, upper=upper)
    if new is None or allowed(Experiment, key.split("."), new.at(float(upper))) is False:
        return None
    return new
