"""Tables with a line below their titles."""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import Literal

from dlrun.cli.display import page
from dlrun.cli.display.fitting import chosen, left_out
from dlrun.cli.display.terminal import WIDEST, Terminal, line_width
from dlrun.collection.table import Table

_GAP = 3
"""Characters between two columns."""
_EDGES = 2
"""Characters around them."""


def print_ruled(
    terminal: Terminal,
    table: Table,
    *,
    texts: Container[int] = (0,),
    styles: Sequence[str] = (),
    totals: int = 0,
    advice: str = "",
) -> None:
    """Print a table, and below it which columns do not fit.

    Args:
        terminal: where.
        table: the cells, and what a narrow terminal leaves out; it wraps the lines of what is left.
        texts: positions of the columns that begin at the left; the others are numbers.
        styles: of the first rows.
        totals: number of the last rows, which are set apart from the others.
        advice: where the columns are that are left out.
    """
    from rich import box
    from rich.table import Table as Shown
    from rich.text import Text

    kept = chosen(table, line_width() - _EDGES, terminal.ellipsis, _GAP)
    shown = Shown(box=box.SIMPLE_HEAD, header_style="heading", pad_edge=False)
    for position, (title, *_) in kept.items():
        justify: Literal["left", "right"] = "left" if position in texts else "right"
        shown.add_column(Text(title), justify=justify, no_wrap=True)
    rows = list(zip(*(column[1:] for column in kept.values()), strict=True))
    for number, row in enumerate(rows):
        if number == len(rows) - totals:
            shown.add_section()
        shown.add_row(*map(Text, row), style=styles[number] if number < len(styles) else "")
    with terminal.printing():
        # A terminal that is too narrow wraps lines, which is better than numbers that are cut.
        terminal.console.width = WIDEST
        terminal.console.print(shown)
    for line in page.missing(left_out(table, kept), advice):
        terminal.sentence(line)
