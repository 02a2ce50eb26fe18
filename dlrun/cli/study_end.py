"""The end of a study on the screen: its leaderboard, and the exit code."""

from __future__ import annotations

from pathlib import Path

from dlrun.cli.display.terminal import Mode, Terminal
from dlrun.cli.exit_codes import ExitCode

_SHOWN = 10
"""Rows of the leaderboard."""


def show_end(path: Path, mode: Mode, terminal: Terminal) -> ExitCode:
    """Print the leaderboard of a complete study; returns the exit code.

    Args:
        path: directory of the study.
        mode: how it was shown; only for people the leaderboard is printed.
        terminal: where to print.
    """
    from dlrun.api.study import Study
    from dlrun.cli.display.board import print_board
    from dlrun.study.results.remarks import counted

    study = Study(path)
    board = study.leaderboard
    if mode in ("live", "plain"):
        print_board(terminal, board, study.advice(), _SHOWN)
        terminal.line(f"study directory  {path}")
    if not all(verdict.holds for verdict in board.verdicts):
        return ExitCode.NOT_CONFIRMED
    if board.fruitless:
        limited = any(row.trial.status == "infeasible" for row in board.rows)
        what = "meets the limits" if limited else "was trained to its end"
        terminal.error(f"no trial {what}: {counted(board) or 'none was begun'}")
    return ExitCode.TRAINING_FAILED if board.failed or board.fruitless else ExitCode.DONE
