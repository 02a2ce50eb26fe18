"""A leaderboard on the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from dlrun.cli.display import page
from dlrun.cli.display.fitting import chosen, left_out
from dlrun.cli.display.terminal import WIDEST, Terminal, line_width
from dlrun.collection.table import Table as Narrowed
from dlrun.study.results.advice.advice import Advice
from dlrun.study.results.formats import table
from dlrun.study.results.ranking import Leaderboard
from dlrun.study.results.remarks import remarks

_GAP = 3
"""Characters between two columns."""
_EDGES = 2
"""Characters around them."""


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
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    known = _narrowed(board, header, rows)
    mark = terminal.ellipsis
    kept = chosen(known, line_width() - _EDGES, mark, _GAP)
    shown = Table(box=SIMPLE_HEAD, header_style="heading", pad_edge=False)
    for position, (title, *_) in kept.items():
        is_number = position < len(header) - len(board.keys)
        shown.add_column(Text(title), justify="right" if is_number else "left", no_wrap=True)
    for number, row in enumerate(zip(*(column[1:] for column in kept.values()), strict=True)):
        best = number < len(board.front) or (number == 0 and board.winner is not None)
        shown.add_row(*map(Text, row), style="best" if best else "")
    with terminal.printing():
        terminal.console.width = WIDEST  # if not even the scores fit, the terminal wraps lines
        terminal.console.print(shown)
    for line in page.missing(left_out(known, kept), "see dlrun study --csv"):
        terminal.sentence(line)


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
