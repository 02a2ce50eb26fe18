"""The leaderboard: trials in order, made from the journal alone.

It contains no times and no names of directories, so it is byte-identical for any number of workers
and interruptions of the study.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field

from dlrun.intervals import Estimate, Scale, estimate
from dlrun.run_directory.circumstances import differing
from dlrun.search.pareto import fronts
from dlrun.selection import optimism, separated
from dlrun.study.results.domination import uncertain
from dlrun.study.results.exact import is_exact
from dlrun.study.results.front_volume import FrontVolume, front_volume
from dlrun.study.results.order import equal_means, ordered_trials
from dlrun.study.results.tested import verdicts
from dlrun.study.store.conclusion import Conclusion
from dlrun.study.store.lineage import Fork, Phase, schedule
from dlrun.study.store.prior_trials import KnownTrial, PriorTrials
from dlrun.study.store.state import State
from dlrun.study.store.trial import Trial
from dlrun.study.store.trials import begun, points, trials
from dlrun.study.sweep.design import Design
from dlrun.study.sweep.objective import Objective
from dlrun.study.sweep.verdicts import Verdict

_ERROR = 0.05
"""Probability that any of equal trials is not marked as a tie."""


@dataclass(frozen=True, slots=True)
class LeaderboardRow:
    """A line of the leaderboard.

    Attributes:
        rank: from 1, the same for equal scores; None for trials that are not completed.  With
            several objectives, the number of the trial's front; 1 is the Pareto front.
        trial: the trial.
        tie: whether its differences to the first trial, paired by seed, are not significant; see
            ``selection.separated``.  False for the first itself, with a single seed, and with
            several objectives.
        uncertain: with several objectives and seeds, whether the trial's differences to others do
            not decide if it is on the Pareto front.
        scores: means over its runs, without the scores of the test set.
    """

    rank: int | None
    trial: Trial
    tie: bool
    uncertain: bool
    scores: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Leaderboard:
    """All trials, the best first.

    Attributes:
        goals: the objectives, which order the rows.
        repeats: runs of each trial; fewer than planned if all claims were decided before.
        keys: of the space.
        rows: of all trials.
        winner: the first row, if its trial is completed; None with several objectives.
        test: scores of the winner's runs on the test set.
        verdicts: on the claims; empty before all trials have ended.
        prior_trials: trials that the study took from others.
        scale: the known properties of the first objective.
        optimism: by how much the winner's score is expected to be better than other seeds would
            give; None without several completed trials with several seeds.
        volume: the hypervolume of the front; None with a single objective.
        places: file and line of every key, such as ``sweep.yaml:12``.
        conclusion: the limit or rule that ended the study; None while it runs, or after all trials.
        enqueued: trials whose values the user chose while the study existed.
        rerun: trials that were trained again from the start.
        changes: lines about other samplers that took over.
        extra: trials that the search did not ask for: enqueued, forked, or not trained because of
            their costs.
        forks: where trials branched off from others, by trial.
        left_out: trials with results that are not counted, because the sweep asks for fewer now.
        circumstances: what differed between the machines that trained the runs, with its values.
        untested: names of the claims before all trials have ended.
    """

    goals: Sequence[Objective]
    repeats: int
    keys: Sequence[str]
    rows: Sequence[LeaderboardRow]
    winner: LeaderboardRow | None
    test: Mapping[str, Estimate]
    verdicts: Sequence[Verdict]
    prior_trials: PriorTrials
    scale: Scale
    optimism: float | None
    volume: FrontVolume | None
    places: Mapping[str, str]
    conclusion: Conclusion | None = None
    enqueued: Sequence[int] = ()
    rerun: Sequence[int] = ()
    changes: Sequence[str] = ()
    extra: Sequence[int] = ()
    forks: Mapping[int, Fork] = field(default_factory=dict)
    left_out: Sequence[int] = ()
    circumstances: Mapping[str, Sequence[str]] = field(default_factory=dict)
    untested: Sequence[str] = ()

    @property
    def goal(self) -> Objective:
        """The first of the objectives."""
        return self.goals[0]

    @property
    def exact(self) -> bool:
        """Whether a single objective is a cost that is the same for every seed."""
        completed = [row.trial for row in self.rows if row.trial.status == "completed"]
        return len(self.goals) == 1 and is_exact(self.goal, completed)

    @property
    def front(self) -> Sequence[LeaderboardRow]:
        """The Pareto front of several objectives; empty for a single one."""
        return [row for row in self.rows if row.rank == 1] if len(self.goals) > 1 else []

    @property
    def best_before(self) -> KnownTrial | None:
        """The best trial of prior studies if it is better than the winner, or without one.

        Scores of pruned trials do not count, because they are not those of a whole training.  None
        with several objectives.
        """
        if len(self.goals) > 1:
            return None
        whole = [each for each in self.prior_trials.known if not each.epochs]
        known = [(each.point[0], each) for each in whole if each.point is not None]
        lowest, best = min(known, key=lambda pair: pair[0], default=(math.inf, None))
        now = None if self.winner is None else self.winner.trial.estimate
        return None if now is not None and lowest >= self.goal.sign * now.mean else best

    @property
    def front_before(self) -> Sequence[KnownTrial]:
        """With several objectives, the trials of prior studies on the front of all trials."""
        if len(self.goals) == 1:
            return ()
        whole = [each for each in self.prior_trials.known if not each.epochs]
        own = points([row.trial for row in self.front], self.goals)
        known = [*(each.point for each in whole), *own]
        front = fronts({n: point for n, point in enumerate(known) if point is not None})
        return [each for n, each in enumerate(whole) if front.get(n) == 1]

    def schedule(self, trial: Trial) -> Sequence[Phase]:
        """The settings of a trial by epochs; a single phase unless it was forked."""
        settings = {row.trial.number: row.trial.suggestion for row in self.rows}
        fork = self.forks.get(trial.number)
        shared = 0 if fork is None else fork.epochs  # before it has trained any
        return schedule(self.forks, settings, trial.number, max(trial.epochs, shared))

    @property
    def fruitless(self) -> bool:
        """Whether the study has ended and no trial is completed.

        A study that began no trial, because those of prior studies are all that it has, is not.
        """
        if not self.rows:
            known = self.best_before is not None or bool(self.front_before)
            return self.conclusion is not None and not known
        ended = any(row.trial.status == "completed" for row in self.rows)
        return not ended and not self.unfinished

    @property
    def unfinished(self) -> int:
        """Number of trials that the study has still to train; 0 once a limit or rule ended it."""
        unfinished = sum(row.trial.status == "unfinished" for row in self.rows)
        return 0 if self.conclusion is not None else unfinished

    @property
    def failed(self) -> int:
        """Number of failed trials."""
        return sum(row.trial.status == "failed" for row in self.rows)


def leaderboard(design: Design, state: State) -> Leaderboard:
    """The leaderboard of a study."""
    sweep = design.sweep
    goals, goal = sweep.goals, sweep.goal
    found = trials(state, goals, sweep.repeats, design.trials)
    conclusion = None if state.started else state.conclusion
    if conclusion is not None:
        found = begun(state, found)
    completed = [trial for trial in found if trial.status == "completed"]
    front, volume = dict[int, int](), None
    unsure: Set[int] = frozenset()
    if len(goals) > 1:
        known = zip(completed, points(completed, goals), strict=True)
        scored = {trial.number: point for trial, point in known if point is not None}
        front, volume = fronts(scored), front_volume(scored, goals)
        unsure = _uncertain(completed, goals, state)

    ordered = ordered_trials(found, front, goal)
    best = ordered[0] if completed and not front else None
    scale = state.scale(goal.score)
    # Costs that no seed changes are compared as they are, as with several objectives.
    field = {} if is_exact(goal, completed) else _field(best, completed, goal.sign)
    ties: Set[int] = frozenset()
    if best and field:
        ties = field.keys() - {best.number, *separated(field, best.number, _ERROR, scale.step)}
    rows = _rows(ordered, front, ties, unsure)
    winner = rows[0] if best is not None else None
    whole = conclusion is not None or all(row.trial.status != "unfinished" for row in rows)
    repeats = state.repeats(sweep.repeats)
    return Leaderboard(
        goals,
        repeats,
        design.space.keys,
        rows,
        winner,
        {} if winner is None or not whole else _test(winner.trial, state),
        verdicts(design, state) if whole else [],
        state.prior_trials,
        scale,
        optimism(field),
        volume,
        {**design.places, **state.places},
        conclusion,
        sorted(state.enqueued),
        sorted(state.rerun),
        state.changes(state.size),
        sorted(state.extra),
        dict(state.forks),
        state.left_out(design.trials),
        differing(state.circumstances),
        [] if whole else list(design.claims),
    )


def _rows(
    ordered: Sequence[Trial], front: Mapping[int, int], ties: Set[int], unsure: Set[int]
) -> list[LeaderboardRow]:
    """The lines of trials in their order, with ranks.

    Args:
        ordered: the best one first.
        front: with several objectives, the number of each completed trial's front.
        ties: trials whose differences to the first are not significant.
        unsure: trials that may or may not be on the Pareto front.
    """
    rows: list[LeaderboardRow] = []
    for position, trial in enumerate(ordered, start=1):
        rank = front.get(trial.number)
        if trial.status == "completed" and not front and trial.estimate is not None:
            same = bool(rows) and equal_means(rows[-1].trial, trial)
            rank = rows[-1].rank if same else position
        number = trial.number
        rows.append(LeaderboardRow(rank, trial, number in ties, number in unsure, trial.means))
    return rows


def _field(
    best: Trial | None, completed: Sequence[Trial], sign: float
) -> dict[int, Sequence[float]]:
    """The values by seed of trials to compare with the best; none with a single seed."""
    if best is None or len(best.values) < 2:
        return {}
    return {each.number: [sign * value for value in each.values] for each in completed}


def _uncertain(completed: Sequence[Trial], goals: Sequence[Objective], state: State) -> Set[int]:
    """The trials that may or may not be on the Pareto front; none with a single seed."""
    field = {
        trial.number: [
            [goal.sign * value for value in row]
            for goal, row in zip(goals, trial.scores, strict=True)
        ]
        for trial in completed
        if trial.estimates
    }
    if not field or len(completed[0].values) < 2:
        return frozenset()
    return uncertain(field, _ERROR, [state.scale(goal.score).step for goal in goals])


def _test(trial: Trial, state: State) -> dict[str, Estimate]:
    """The means on the test set; a score that only some runs were reported with has none."""
    names = [
        name
        for name in trial.runs[0].scores
        if name.startswith("test.") and all(name in run.scores for run in trial.runs)
    ]
    found = {}
    for name in names:
        values = [value for run in trial.runs if (value := run.scores[name]) is not None]
        if values:
            found[name] = estimate(values, of=state.scale(name))
    return found
