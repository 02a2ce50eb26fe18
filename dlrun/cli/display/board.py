"""A leaderboard on the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from dlrun.cli.display.ruled import print_ruled
from dlrun.cli.display.terminal import Terminal
from dlrun.collection.table import Table as Narrowed
from dlrun.study.results.advice.advice import Advice
from dlrun.study.results.formats import table
from dlrun.study.results.ranking import Leaderboard
from dlrun.study.results.remarks import remarks


def print_board(
    terminal: Terminal,
    board: Leaderboard,
    advice: Sequence[Advice] = (),
    most: int | None = None,
) -> None:
    """Print the table, the remarks on it, and what to change in the search space.

    Args:
        terminal: where.
        board: the trials.
        advice: the changes.
        most: rows to print at most; None prints all.
    """
    header, *rows = table(board)
    if rows:
        _print_table(terminal, board, header, rows[:most])
    if most is not None and len(rows) > most:
        terminal.sentence(f"... and {len(rows) - most} more")
    for line in [*remarks(board), *(each.line for each in advice)]:
        terminal.sentence(line)


def _print_table(
    terminal: Terminal, board: Leaderboard, header: list[str], rows: list[list[str]]
) -> None:
    best = len(board.front) or (1 if board.winner is not None else 0)
    keys = range(len(header) - len(board.keys), len(header))
    narrowed = _narrowed(board, header, rows)
    advice, styles = "see dlrun study --csv", ["best"] * best
    print_ruled(terminal, narrowed, texts=keys, styles=styles, advice=advice)


def _narrowed(board: Leaderboard, header: list[str], rows: list[list[str]]) -> Narrowed:
    """The table, and what a narrow terminal leaves out.

    First the keys that do not fit, then epochs and intervals, and at last all scores but the first.
    """
    fixed = len(header) - len(board.keys)
    goals = [goal.score for goal in board.goals]
    scores = [number for number in range(2, fixed) if header[number] in goals]
    others = [number for number in reversed(range(2, fixed)) if number not in scores]
    return Narrowed(
        tuple(header),
        tuple(map(tuple, rows)),
        differing=len(board.keys),
        long=tuple(scores),
        secondary=(*others, *reversed(scores[1:])),
    )
