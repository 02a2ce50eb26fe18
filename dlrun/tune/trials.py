"""The trials of a study: what its runs come to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from dlrun.tune.job import Job, Outcome
from dlrun.tune.objective import Objective
from dlrun.tune.state import State
from dlrun.tune.statistics import Estimate, estimate
from dlrun.tune.suggestion import Completed, Suggestion

TrialStatus = Literal["completed", "eliminated", "pruned", "failed", "unfinished"]


@dataclass(frozen=True, slots=True)
class Trial:
    """A trial and what became of it.

    Attributes:
        number: from 0.
        suggestion: its values.
        status: ``failed`` where any of its runs failed; ``eliminated`` where it is not repeated any
            more, as it cannot win.
        runs: that count: those of the most epochs that every repeat has reached.
        scores: a row an objective, of the score by repeat as the run gives it; empty where there
            are none.
        reason: why it failed.
    """

    number: int
    suggestion: Suggestion
    status: TrialStatus
    runs: tuple[Outcome, ...]
    scores: tuple[tuple[float, ...], ...]
    reason: str

    @property
    def values(self) -> tuple[float, ...]:
        """Those of the first objective."""
        return self.scores[0] if self.scores else ()

    @property
    def estimate(self) -> Estimate | None:
        """The mean of the first objective over the repeats; None where there are no values."""
        return self.estimates[0] if self.scores else None

    @property
    def estimates(self) -> tuple[Estimate, ...]:
        """The mean of each objective over the repeats; empty where there are no values."""
        return tuple(estimate(row) for row in self.scores if row)

    @property
    def epochs(self) -> int:
        """Epochs of its longest run."""
        return max((run.epochs for run in self.runs), default=0)


def trials(
    state: State, goals: Sequence[Objective], repeats: int, limit: int | None
) -> list[Trial]:
    """All trials that the study wants, by number.

    Args:
        state: of the study.
        goals: which scores count.
        repeats: of each trial.
        limit: how many trials there are to be; None is as many as there are.
    """
    by_trial: dict[int, dict[int, dict[int, Outcome]]] = {}
    for job, outcome in state.outcomes.items():
        by_trial.setdefault(job.trial, {}).setdefault(job.epochs, {})[job.repeat] = outcome
    found = []
    for number, suggestion in state.trials():
        if limit is not None and number >= limit:
            break
        rungs = by_trial.get(number, {})
        found.append(_trial(number, suggestion, rungs, state, goals, repeats))
    return found


def _trial(
    number: int,
    suggestion: Suggestion,
    rungs: dict[int, dict[int, Outcome]],
    state: State,
    goals: Sequence[Objective],
    repeats: int,
) -> Trial:
    for epochs in sorted(rungs):
        for _, outcome in sorted(rungs[epochs].items()):
            if outcome.status == "failed":
                return Trial(number, suggestion, "failed", (outcome,), (), outcome.reason)
    # A run that is ended where it stands ends its trial, whatever became of the other repeats.
    pruned, eliminated = number in state.pruned, number in state.eliminated
    fewest = 1 if pruned and 0 in rungs else state.eliminated.get(number, repeats)
    whole = [epochs for epochs in rungs if len(rungs[epochs]) >= fewest]
    # 0 is the end, behind all rungs.
    furthest = min(whole, key=lambda epochs: (epochs != 0, -epochs), default=None)
    if furthest is None:
        return Trial(number, suggestion, "unfinished", (), (), "")
    runs = tuple(outcome for _, outcome in sorted(rungs[furthest].items()))
    scores = tuple(
        tuple(value for run in runs if (value := goal.of(run.scores)) is not None) for goal in goals
    )
    status: TrialStatus = "completed" if furthest == 0 else "unfinished"
    if pruned or eliminated:
        status = "pruned" if pruned else "eliminated"
    return Trial(number, suggestion, status, runs, scores, "")


def history(found: Iterable[Trial], values: Iterable[float | None]) -> list[Completed]:
    """Trials as a sampler sees them.

    Args:
        found: trials.
        values: of each, less is better; None where it failed.
    """
    return [
        Completed(trial.number, trial.suggestion, value)
        for trial, value in zip(found, values, strict=True)
    ]


def points(found: Iterable[Trial], goals: Sequence[Objective]) -> list[list[float] | None]:
    """A value an objective of each trial, less is better; None where it has none."""
    return [
        [goal.sign * each.mean for goal, each in zip(goals, trial.estimates, strict=True)]
        if trial.estimates
        else None
        for trial in found
    ]


def value_at(state: State, trial: int, epochs: int, objective: Objective, repeats: int) -> float:
    """The value of a trial at a rung, less is better.

    Raises:
        KeyError: it has not come that far.
    """
    scores = [state.outcomes[Job(trial, repeat, epochs)].scores for repeat in range(repeats)]
    values = [value for each in scores if (value := objective.of(each)) is not None]
    if len(values) < repeats:
        raise KeyError(trial)
    return objective.sign * estimate(values).mean
