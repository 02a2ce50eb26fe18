"""The importance of each key of a study, by objective."""

from __future__ import annotations

from collections.abc import Mapping

from dlrun.search.importance import Importance, importance
from dlrun.study.results.ranking import Leaderboard
from dlrun.study.store.trials import history, points
from dlrun.study.sweep.design import Design


def shares(design: Design, board: Leaderboard) -> Mapping[str, Mapping[str, Importance]]:
    """How much each varied key matters, by objective and key, the most important key first.

    An objective has no keys if there are too few trials to tell, or if all scores are equal.

    Args:
        design: of the study.
        board: its trials.
    """
    # The score of a fork is due to the settings of all trials that it continues.
    trials = (row.trial for row in board.rows if row.trial.number not in board.forks)
    ended = [trial for trial in trials if trial.ended]
    space, seed = design.space, design.sweep.seed
    found = {}
    for place, goal in enumerate(board.goals):
        values = [None if point is None else point[place] for point in points(ended, board.goals)]
        found[goal.score] = importance(space, history(ended, values), seed)
    return found
