"""The trials of a study: the results of their runs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from dlrun.intervals import estimate
from dlrun.search.suggestion import Completed, Suggestion
from dlrun.study.store.expected import expecting
from dlrun.study.store.job import JobOutcome
from dlrun.study.store.state import Rungs, State
from dlrun.study.store.trial import Trial, TrialStatus
from dlrun.study.sweep.objective import Objective


class Trials:
    """The trials of a study; only those are computed again of which something is new.

    Args:
        state: of the study.
        goals: the objectives.
        repeats: runs of each trial, if no look at the claims ends the study before.
    """

    def __init__(self, state: State, goals: Sequence[Objective], repeats: int) -> None:
        self._state, self._goals, self._repeats = state, goals, repeats
        self._known: dict[int, tuple[int, Trial]] = {}
        self._all: tuple[tuple[int, int | None], list[Trial]] | None = None

    def all(self, limit: int | None) -> list[Trial]:
        """All trials that the study requests, by number.

        Args:
            limit: number of trials that the search asks for; None for all suggestions.
        """
        now = (self._state.revision, limit)
        if self._all is None or self._all[0] != now:
            self._all = now, self._made(limit)
        return list(self._all[1])

    def one(self, number: int) -> Trial:
        """A trial by its own results; others have no influence, as they have in ``all``."""
        return _judged(self._alone(number, self._state.suggestion(number)), self._state)

    def _made(self, limit: int | None) -> list[Trial]:
        state = self._state
        found = [self._alone(number, each) for number, each in state.requested(limit)]
        counted = [trial for trial in found if trial.number not in state.forgotten]
        expected = expecting(state, counted, self._goals, state.repeats(self._repeats))
        whole = {trial.number: trial for trial in expected}
        return [_judged(whole.get(trial.number, trial), state) for trial in found]

    def _alone(self, number: int, suggestion: Suggestion) -> Trial:
        state, revision = self._state, self._state.revision_of(number)
        known = self._known.get(number)
        if known is not None and known[0] == revision:
            return known[1]
        rungs = state.rungs_of(number)
        repeats = state.repeats(self._repeats)
        trial = _trial(number, suggestion, rungs, state, self._goals, repeats)
        self._known[number] = revision, trial
        return trial


def trials(
    state: State, goals: Sequence[Objective], repeats: int, limit: int | None
) -> list[Trial]:
    """All trials that a study requests, by number; see ``Trials``."""
    return Trials(state, goals, repeats).all(limit)


def _trial(
    number: int,
    suggestion: Suggestion,
    rungs: Rungs,
    state: State,
    goals: Sequence[Objective],
    repeats: int,
) -> Trial:
    for epochs in sorted(rungs):
        for _, outcome in sorted(rungs[epochs].items()):
            if outcome.status == "failed":
                return Trial(number, suggestion, "failed", (outcome,), (), outcome.reason)
    # A run that the pruner stops ends its trial, whatever the results of the other repeats.
    pruned, eliminated = number in state.pruned, number in state.eliminated
    fewest = 1 if pruned and 0 in rungs else state.eliminated.get(number, repeats)
    whole = [epochs for epochs in rungs if len(rungs[epochs]) >= fewest]
    # 0 is the end of the training, after all rungs.
    furthest = min(whole, key=lambda epochs: (epochs != 0, -epochs), default=None)
    if furthest is None:
        return Trial(number, suggestion, "unfinished", (), (), "")
    runs = tuple(outcome for _, outcome in sorted(rungs[furthest].items()))
    if pruned and furthest == 0:
        runs = _stopped(runs)
    scores = tuple(
        tuple(value for run in runs if (value := goal.of(run.scores)) is not None) for goal in goals
    )
    status: TrialStatus = "completed" if furthest == 0 else "unfinished"
    if pruned or eliminated:
        status = "pruned" if pruned else "eliminated"
    estimates = tuple(
        estimate(row, of=state.scale(goal.score))
        for goal, row in zip(goals, scores, strict=True)
        if all(scores)  # the objectives of another study may be missing
    )
    expected = tuple(each.mean for each in estimates)
    return Trial(number, suggestion, status, runs, scores, "", estimates, expected)


def _judged(trial: Trial, state: State) -> Trial:
    """The trial as it counts: not at all if it is forgotten, as the worst if it is infeasible."""
    if trial.number in state.forgotten:
        return replace(trial, status="forgotten", expected=())
    if trial.number in state.infeasible:
        reason = state.infeasible[trial.number]
        return replace(trial, status="infeasible", reason=reason, expected=())
    return trial


def _stopped(runs: tuple[JobOutcome, ...]) -> tuple[JobOutcome, ...]:
    """The runs of a trial that ``median`` ended first, which have equally many epochs.

    Scores of runs of other lengths, of repeats that were not stopped or were stopped later, cannot
    be averaged with theirs.
    """
    ended = [run for run in runs if run.ended_by is not None and run.ended_by.kind == "pruned"]
    fewest = min(run.epochs for run in ended or runs)
    return tuple(run for run in ended or runs if run.epochs == fewest)


def begun(state: State, found: Iterable[Trial]) -> list[Trial]:
    """The trials of which a run was started, or that the user or a limit of costs decided about.

    The others were only suggested.
    """
    known = {trial for trial, _ in state.directories}
    known |= state.enqueued | state.skipped | state.forgotten | state.rerun.keys()
    return [each for each in found if each.number in known]


def history(found: Iterable[Trial], values: Iterable[float | None]) -> list[Completed]:
    """Trials as input for a sampler.

    Args:
        found: trials.
        values: value of each, lower is better; None if it failed.
    """
    return [
        Completed(trial.number, trial.suggestion, value)
        for trial, value in zip(found, values, strict=True)
    ]


def points(found: Iterable[Trial], goals: Sequence[Objective]) -> list[list[float] | None]:
    """For each trial one value per objective, lower is better; None without scores.

    For a pruned trial they are the values that it is expected to have reached.
    """
    return [
        [goal.sign * each for goal, each in zip(goals, trial.expected, strict=True)]
        if trial.expected
        else None
        for trial in found
    ]
