"""Sentences about a leaderboard, for people."""

from __future__ import annotations

from collections import Counter

from dlrun.intervals import Estimate
from dlrun.quantities import count, number, numbered
from dlrun.run_directory.circumstances import differing_line
from dlrun.spec.flow import setting
from dlrun.study.results.numbers import interval, valued
from dlrun.study.results.optimism import optimism_line
from dlrun.study.results.order import ORDER
from dlrun.study.results.phases import schedule_line
from dlrun.study.results.ranking import Leaderboard
from dlrun.study.store.prior_trials import KnownTrial
from dlrun.study.sweep.verdicts import Verdict


def remarks(board: Leaderboard) -> list[str]:
    """Sentences about prior studies, the best trial, ties, failures and claims."""
    lines = [f"{line}." for line in board.prior_trials.said]
    if board.conclusion is not None:
        lines.append(f"The study was ended by {board.conclusion.sentence}.")
    if board.left_out:
        lines.append(
            "Trained before, and not counted, because the sweep asks for fewer trials now: "
            f"{numbered(board.left_out, 'trial')}."
        )
    infeasible = [row.trial for row in board.rows if row.trial.status == "infeasible"]
    if board.fruitless:
        what = "meets the limits" if infeasible else "was completed"
        lines.append(f"No trial {what}: {counted(board) or 'none was begun'}.")
    if infeasible:
        untrained = sum(not trial.runs for trial in infeasible)
        were = "was" if untrained == 1 else "were"
        lines.append(
            f"Infeasible, so never the best: {count(len(infeasible), 'trial')}, of which "
            f"{untrained} {were} not trained. The column reason of leaderboard.csv has the limit "
            "that each does not meet."
        )
    if board.front:
        numbers = ", ".join(str(row.trial.number) for row in board.front)
        lines.append(
            f"Pareto front: {numbers}. No other trial is at least as good in all objectives and "
            "better in one. Their specs are in the folder front; train the one you choose to get "
            "its test scores."
        )
        lines += [*_volume(board), *_uncertain(board)]
    lines += _better_before(board)
    if board.repeats > 1 and (board.winner is not None or board.front):
        lines.append(
            "Intervals cover other seeds, which also draw other splits of this data, not new data."
        )
    if board.winner is not None:
        ties = sorted(row.trial.number for row in board.rows if row.tie)
        if ties:
            lines.append(
                f"Tied with the first trial (no significant paired difference over "
                f"{board.repeats} seeds): {numbered(ties, 'trial')}."
            )
        if line := schedule_line(board, board.winner.trial):
            lines.append(f"Settings of trial {board.winner.trial.number} by epochs: {line}.")
        if board.test:
            scores = ", ".join(f"{name} {interval(each)}" for name, each in board.test.items())
            lines.append(f"Trial {board.winner.trial.number} on the test set: {scores}.")
        evaluated = sum(
            row.trial.status in ("completed", "eliminated", "pruned", "infeasible")
            and bool(row.trial.runs)
            for row in board.rows
        )
        if evaluated > 1 and not board.exact:
            lines.append(optimism_line(board, evaluated))
    lines += [
        f"Trial {row.trial.number} failed: {row.trial.reason}."
        for row in board.rows
        if row.trial.status == "failed"
    ]
    lines += [*_timed(board), *_steered(board)]
    if line := differing_line("runs were trained", board.circumstances):
        lines.append(_sentence(line))
    lines += [claim_line(each, board) for each in board.verdicts]
    if board.untested:
        names = ", ".join(f"'{name}'" for name in board.untested)
        lines.append(f"Claims are tested once all trials have ended: {names}.")
    if any(each.holds and each.early for each in board.verdicts):
        lines.append(
            "The intervals of claims allow for all looks. Other intervals and means do not: a "
            "difference that ends a study early is on average too large."
        )
    return lines


def _timed(board: Leaderboard) -> list[str]:
    """A sentence about the trials that had no time for all of their epochs."""
    trials = sorted(
        row.trial.number
        for row in board.rows
        if any(
            run.ended_by is not None and run.ended_by.kind == "max_time" for run in row.trial.runs
        )
    )
    return [
        f"Ended by max_time: {numbered(trials, 'trial')}. With a faster machine or fewer workers, "
        "they would have trained longer."
    ] * bool(trials)


def _steered(board: Leaderboard) -> list[str]:
    """Sentences about what the user changed while the study existed."""
    forgotten = sorted(row.trial.number for row in board.rows if row.trial.status == "forgotten")
    trials = {
        "Added by the user": board.enqueued,
        "Trained again from the start, without their earlier results": board.rerun,
        "Not counted, as the user decided": forgotten,
    }
    lines = [_sentence(line) for line in board.changes]
    return lines + [
        f"{what}: {numbered(numbers, 'trial')}." for what, numbers in trials.items() if numbers
    ]


def _sentence(line: str) -> str:
    return f"{line[0].upper()}{line[1:]}."


def counted(board: Leaderboard) -> str:
    """The number of trials with each status, as text."""
    counts = Counter[str](row.trial.status for row in board.rows)
    return ", ".join(f"{counts[status]} {status}" for status in ORDER if counts[status])


def _volume(board: Leaderboard) -> list[str]:
    """A sentence about the hypervolume of the front."""
    if board.volume is None:
        return []
    pairs = zip(board.goals, board.volume.reference, strict=True)
    corner = ", ".join(f"{goal.score} {valued(goal.score, value)}" for goal, value in pairs)
    # A reference that follows from the front is equal to it if the front has a single value.
    ends = zip(board.goals, board.volume.best, board.volume.reference, strict=True)
    of_user = all(goal.reference is not None or best != end for goal, best, end in ends)
    if board.volume.best == board.volume.reference and not of_user:
        return [
            "The hypervolume of the front says nothing, since all of its trials have the same "
            "scores; set a 'reference' of each objective."
        ]
    if not board.volume.volume and of_user:
        return [
            f"Hypervolume of the front: 0, since no trial is better than the reference point "
            f"({corner}) in all objectives."
        ]
    return [
        f"Hypervolume of the front: {number(board.volume.share)} of the box between the best of "
        f"each objective and the reference point ({corner})."
    ]


def _uncertain(board: Leaderboard) -> list[str]:
    """A sentence about the trials that may or may not be on the front."""
    unsure = sorted(row.trial.number for row in board.rows if row.uncertain)
    if not unsure:
        return []
    return [
        f"Uncertain whether they are on the front (no significant paired differences over "
        f"{board.repeats} seeds): {numbered(unsure, 'trial')}."
    ]


def _better_before(board: Leaderboard) -> list[str]:
    """A sentence about the best prior trial, if it is better than the best one of this study."""
    if before := board.front_before:
        shown = "; ".join(_point(each, board) for each in before)
        where = "the Pareto front with this study's" if board.front else "their Pareto front"
        lines = [f"Trials of prior studies on {where}: {shown}."]
        if not board.unfinished:
            lines.append("Their specs are the files prior-*.yaml in the folder front.")
        return lines
    goal, best = board.goal, board.best_before
    if best is None or best.point is None:
        return []
    values = ", ".join(f"{key} {setting(value)}" for key, value in best.suggestion.items())
    what = "The best trial is a prior one" if board.winner is None else "A prior trial was better"
    return [f"{what}: {goal.score} {valued(goal.score, goal.sign * best.point[0])} with {values}."]


def _point(trial: KnownTrial, board: Leaderboard) -> str:
    """The scores of a prior trial, and its values."""
    assert trial.point is not None
    pairs = zip(board.goals, trial.point, strict=True)
    scores = ", ".join(
        f"{goal.score} {valued(goal.score, goal.sign * value)}" for goal, value in pairs
    )
    values = ", ".join(f"{key} {setting(value)}" for key, value in trial.suggestion.items())
    return f"{scores} with {values}"


def claim_line(verdict: Verdict, board: Leaderboard) -> str:
    """The result of a claim, as a sentence; it names the objective if there are several."""
    score = f"{verdict.objective} " if len(board.goals) > 1 else ""
    if verdict.effect is None:
        return f"Claim '{verdict.name}' is not tested: no two completed trials differ only in it."
    word = _word(verdict)
    pairs = "1 pair" if verdict.pairs == 1 else f"{verdict.pairs} pairs"
    effect, direction = verdict.effect, "better"
    if effect.mean < 0:
        effect, direction = _negated(effect), "worse"
    difference = interval(effect, verdict.confidence)
    if effect.low is None:
        difference += " with every seed, so a test has no variation to work with"
    several = f"; corrected for {verdict.claims} claims" if verdict.claims > 1 else ""
    return (
        f"Claim '{verdict.name}' {word}: {score}{direction} by {difference}, "
        f"over {_seeds(verdict, effect.n)} and {pairs} of trials{several}."
    )


def _word(verdict: Verdict) -> str:
    """Whether a claim holds."""
    if verdict.holds:
        return "holds"
    if verdict.futile:
        return "does not hold, and more seeds would hardly show it"
    return "is not decided" if verdict.early else "does not hold"


def _seeds(verdict: Verdict, n: int) -> str:
    """The seeds of a test, and its number of looks if there are several."""
    if len(verdict.looks) == 1:
        return f"{n} seeds"
    seeds = f"{n} of {verdict.looks[-1]}" if n < verdict.looks[-1] else str(n)
    return f"{seeds} seeds, {len(verdict.looks)} looks"


def _negated(value: Estimate) -> Estimate:
    low = None if value.high is None else -value.high
    high = None if value.low is None else -value.low
    return Estimate(-value.mean, low, high, value.n)
