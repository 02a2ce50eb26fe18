"""What people should know of a leaderboard, in sentences."""

from __future__ import annotations

import math
from collections import Counter

from dlrun.spec.nodes import show
from dlrun.study.results.numbers import interval
from dlrun.study.results.ranking import ORDER, Leaderboard
from dlrun.study.sweep.claim import Verdict


def remarks(board: Leaderboard) -> list[str]:
    """Sentences about earlier studies, the winner, ties, failures and claims."""
    lines = [f"{line}." for line in board.earlier.said]
    if board.fruitless:
        lines.append(f"No trial was trained to its end: {counted(board)}.")
    if board.front:
        numbers = ", ".join(str(row.trial.number) for row in board.front)
        lines.append(
            f"Pareto front: {numbers}. No trial is better in one objective and no worse in the "
            "others; train the spec that you choose, in the folder front, to see its test part."
        )
    lines += _better_before(board)
    if board.winner is not None:
        if board.edges:
            ends = ", ".join(board.edges)
            lines.append(f"At the end of what was searched: {ends}. Better values may lie beyond.")
        ties = sum(row.tie for row in board.rows)
        if ties:
            lines.append(
                f"Tied with the first, which paired differences over {board.repeats} seeds cannot "
                f"tell from it: {ties}."
            )
        if board.repeats > 1:
            lines.append("Intervals say what other seeds would give on this data, not new data.")
        if board.test:
            scores = ", ".join(f"{name} {interval(each)}" for name, each in board.test.items())
            lines.append(f"Trial {board.winner.trial.number} on the test part: {scores}.")
        tried = sum(row.trial.status in ("completed", "eliminated", "pruned") for row in board.rows)
        if tried > 1:
            lines.append(
                f"Its {board.goal.score} is the best of {tried} and so too good to be "
                "expected again; the test part had no say in the choice."
                if board.test
                else f"The best of {tried} is too good to be expected again; "
                "data.split.test would keep samples that have no say in the choice."
            )
    lines += [
        f"Trial {row.trial.number} failed: {row.trial.reason}."
        for row in board.rows
        if row.trial.status == "failed"
    ]
    lines += [claim_line(each) for each in board.verdicts]
    return lines


def counted(board: Leaderboard) -> str:
    """How many trials ended in each way."""
    counts = Counter[str](row.trial.status for row in board.rows)
    return ", ".join(f"{counts[status]} {status}" for status in ORDER if counts[status])


def _better_before(board: Leaderboard) -> list[str]:
    """What an earlier study has that is better than the first of this one, or where there is none.

    A score that a trial had when it was pruned is not one of a whole training, and does not count.
    """
    if len(board.goals) > 1:
        return []
    goal, winner = board.goal, board.winner
    now = None if winner is None else winner.trial.estimate
    whole = [each for each in board.earlier.known if not each.epochs]
    known = [(each.point[0], each) for each in whole if each.point is not None]
    least, best = min(known, key=lambda pair: pair[0], default=(math.inf, None))
    if best is None or (now is not None and least >= goal.sign * now.mean):
        return []
    values = ", ".join(f"{key} {show(value)}" for key, value in best.suggestion.items())
    what = "The best trial is an earlier one" if now is None else "An earlier trial was better"
    return [f"{what}: {goal.score} {goal.sign * least:.4g} with {values}."]


def claim_line(verdict: Verdict) -> str:
    """What became of a claim, in a line."""
    if verdict.effect is None:
        return f"Claim '{verdict.name}' is not shown: no two completed trials differ in it alone."
    word = "holds" if verdict.holds else "does not hold"
    pairs = "1 pair" if verdict.pairs == 1 else f"{verdict.pairs} pairs"
    better = interval(verdict.effect, verdict.confidence)
    if verdict.effect.low is None:
        better += " with every seed alike, which leaves nothing to judge by"
    several = f"; corrected for {verdict.claims} claims" if verdict.claims > 1 else ""
    return (
        f"Claim '{verdict.name}' {word}: better by {better}, "
        f"over {verdict.effect.n} seeds and {pairs} of trials{several}."
    )
