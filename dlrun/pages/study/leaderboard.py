"""The leaderboard of a study as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dlrun.pages.markup import join
from dlrun.pages.pieces.table import HINT, Cell, table
from dlrun.pages.pieces.text import folded
from dlrun.pages.section import Piece, Section, note
from dlrun.spec.flow import setting
from dlrun.study.results.numbers import between, brief
from dlrun.study.results.phases import continued
from dlrun.study.results.ranking import Leaderboard

TABLE = "leaderboard-table"


ROWS = 5_000
"""Maximum number of rows of the table."""
_REMARKS = 8
"""Maximum number of remarks that are not folded."""


def leaderboard_section(
    board: Leaderboard, remarks: Sequence[str], advice: Sequence[str]
) -> Section:
    """All trials, the best first, and sentences about them.

    Args:
        board: the leaderboard.
        remarks: the sentences.
        advice: lines about the search space.
    """
    several = board.repeats > 1
    names = list(dict.fromkeys(name for row in board.rows for name in row.scores))
    goals = [goal.score for goal in board.goals]
    others = [name for name in names if name not in goals]
    failed = any(row.trial.reason for row in board.rows)
    header = ["front" if board.front else "rank", "trial", "status"]
    for goal in goals:
        header += [goal, f"{goal} 95 % interval"] if several else [goal]
    unsure = "uncertain" if len(goals) > 1 else "tie"
    header += [unsure] if several else []
    after = [
        "epochs",
        *(["continues"] if board.forks else []),
        "cost",
        "seconds",
        *others,
        *(["reason"] if failed else []),
    ]
    header = [*header, *brief(board.keys, [*header, *after]), *after]
    rows: list[list[Cell]] = []
    for row in board.rows[:ROWS]:
        trial = row.trial
        cells: list[Cell] = [row.rank, trial.number, trial.status]
        for place in range(len(goals)):
            known = trial.estimates[place] if trial.estimates else None
            cells.append(None if known is None else known.mean)
            if several:
                cells.append("" if known is None else between(known))
        if several:
            cells.append(unsure if row.tie or row.uncertain else "")
        cells += [_cell(trial.suggestion, key) for key in board.keys]
        cells.append(trial.epochs)
        cells += [continued(board, trial)] if board.forks else []
        cells.append(sum(run.cost for run in trial.runs))
        cells.append(sum(run.seconds for run in trial.runs))
        cells += [row.scores.get(name) for name in others]
        rows.append([*cells, trial.reason] if failed else cells)
    numbers = [str(row.trial.number) for row in board.rows[:ROWS]]
    best = 0 if board.winner is not None else None
    pieces: list[Piece] = []
    if len(board.rows) > ROWS:
        pieces.append(note(f"The first {ROWS} of {len(board.rows)} trials."))
    pieces.append(
        table(
            header, rows, anchor=TABLE, sortable=True, filtered=HINT, keys=numbers, emphasized=best
        )
    )
    pieces += [note(line) for line in remarks[:_REMARKS]]
    if len(remarks) > _REMARKS:
        rest = Piece(join(note(line).html for line in remarks[_REMARKS:]))
        pieces.append(folded(f"{len(remarks) - _REMARKS} more remarks", rest))
    pieces += [note(line) for line in advice]
    return Section("leaderboard", "Leaderboard", pieces)


def _cell(suggestion: Any, key: str) -> Cell:
    if key not in suggestion:
        return None
    value = suggestion[key]
    if isinstance(value, bool) or not isinstance(value, int | float):
        return setting(value)
    return value
