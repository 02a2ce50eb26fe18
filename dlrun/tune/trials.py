"""The trials of a study: what its runs come to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from dlrun.tune.objective import Objective
from dlrun.tune.state import Job, Outcome, State
from dlrun.tune.statistics import Estimate, estimate
from dlrun.tune.suggestion import Completed, Suggestion

TrialStatus = Literal["completed", "pruned", "failed", "unfinished"]


@dataclass(frozen=True, slots=True)
class Trial:
    """A trial and what became of it.

    Attributes:
        number: from 0.
        suggestion: its values.
        status: ``failed`` where any of its runs failed.
        runs: that count: those of the most epochs that every repeat has reached.
        values: the score by repeat, as the run gives it; empty where there is none.
        reason: why it failed.
    """

    number: int
    suggestion: Suggestion
    status: TrialStatus
    runs: tuple[Outcome, ...]
    values: tuple[float, ...]
    reason: str

    @property
    def estimate(self) -> Estimate | None:
        """The mean over the repeats; None where there are no values."""
        return estimate(self.values) if self.values else None

    @property
    def epochs(self) -> int:
        """Epochs of its longest run."""
        return max((run.epochs for run in self.runs), default=0)


def trials(state: State, objective: Objective, repeats: int, limit: int | None) -> list[Trial]:
    """All trials that the study wants, by number.

    Args:
        state: of the study.
        objective: which score counts.
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
        found.append(_trial(number, suggestion, rungs, state.pruned, objective, repeats))
    return found


def _trial(
    number: int,
    suggestion: Suggestion,
    rungs: dict[int, dict[int, Outcome]],
    pruned: dict[int, int],
    objective: Objective,
    repeats: int,
) -> Trial:
    for epochs in sorted(rungs):
        for _, outcome in sorted(rungs[epochs].items()):
            if outcome.status == "failed":
                return Trial(number, suggestion, "failed", (outcome,), (), outcome.reason)
    # A run that is ended where it stands ends its trial, whatever became of the other repeats.
    fewest = 1 if number in pruned and 0 in rungs else repeats
    whole = [epochs for epochs in rungs if len(rungs[epochs]) >= fewest]
    # 0 is the end, behind all rungs.
    furthest = min(whole, key=lambda epochs: (epochs != 0, -epochs), default=None)
    if furthest is None:
        return Trial(number, suggestion, "unfinished", (), (), "")
    runs = tuple(outcome for _, outcome in sorted(rungs[furthest].items()))
    values = tuple(value for run in runs if (value := objective.of(run.scores)) is not None)
    status: TrialStatus = "completed" if furthest == 0 else "unfinished"
    if number in pruned:
        status = "pruned"
    return Trial(number, suggestion, status, runs, values, "")


def history(found: list[Trial], objective: Objective) -> Iterator[Completed]:
    """The trials as a sampler sees them; what is not finished is left out."""
    for trial in found:
        if trial.status != "unfinished":
            mean = None if trial.estimate is None else objective.sign * trial.estimate.mean
            cost = sum(run.cost for run in trial.runs)
            yield Completed(trial.number, trial.suggestion, mean, cost)


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
