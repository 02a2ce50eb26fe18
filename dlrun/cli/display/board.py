"""A leaderboard on the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from dlrun.cli.display.terminal import WIDEST, Terminal
from dlrun.printable import printable
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
        terminal.line(f"... and {len(rows) - most} more")
    for line in [*remarks(board), *(each.line for each in advice)]:
        terminal.line(line)


def _print_table(
    terminal: Terminal, board: Leaderboard, header: list[str], rows: list[list[str]]
) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    shown = Table(box=SIMPLE_HEAD, header_style="heading", pad_edge=False)
    for number, title in enumerate(header):
        is_number = number < len(header) - len(board.keys)
        shown.add_column(
            Text(printable(title)), justify="right" if is_number else "left", no_wrap=True
        )
    for number, row in enumerate(rows):
        best = number < len(board.front) or (number == 0 and board.winner is not None)
        shown.add_row(*(Text(printable(cell)) for cell in row), style="best" if best else "")
    with terminal.printing():
        terminal.console.width = WIDEST  # a narrow terminal wraps lines: better than cut numbers
        terminal.console.print(shown)
