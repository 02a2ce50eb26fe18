"""How optimistic the score of the best trial is, as a sentence."""

from __future__ import annotations

from dlrun.quantities import number
from dlrun.study.results.ranking import Leaderboard


def optimism_line(board: Leaderboard, evaluated: int) -> str:
    """That the best of several scores is optimistic, by how much, and what is not.

    Args:
        board: with a winner.
        evaluated: number of trials that it is the best of.
    """
    amount = _amount(board)
    if board.test:
        return (
            f"Its {board.goal.score} is optimistic{amount}, because it is the best of {evaluated}. "
            "The test set was not used to choose the trial."
        )
    assert board.winner is not None
    scored = (name for run in board.winner.trial.runs for name in run.scores)
    if any(name.startswith("test.") for name in scored):
        unbiased = "Scores on the test set are shown when the study has ended."
    else:
        unbiased = "Set data.split.test to hold out samples for an unbiased score."
    return f"The best of {evaluated} scores is optimistic{amount}. {unbiased}"


def _amount(board: Leaderboard) -> str:
    assert board.winner is not None
    found, mean = board.optimism, board.winner.trial.estimate
    if board.repeats == 1:
        return " (with repeats: 3 the study estimates by how much)"
    if found is None or mean is None:
        return ""
    if found <= 0:
        return f" by less than {board.repeats} seeds can show"
    expected = number(mean.mean + board.goal.sign * found)
    return f" by about {number(found)} (other seeds are expected to score {expected})"
