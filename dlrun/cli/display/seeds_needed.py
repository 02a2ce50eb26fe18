"""How many seeds the comparisons of a study need, on the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from dlrun.cli.display import page
from dlrun.cli.display.fitting import chosen, left_out
from dlrun.cli.display.terminal import Terminal, line_width
from dlrun.collection.table import Table
from dlrun.quantities import number
from dlrun.study.results.seeds_needed import SeedsNeeded


def print_seeds_needed(terminal: Terminal, plans: Sequence[SeedsNeeded]) -> None:
    """Print a table with a line per comparison; nothing without any.

    Args:
        terminal: where.
        plans: all of one study, so with equally many seeds.
    """
    if not plans:
        return
    first, *more = plans[0].smallest
    smallest = [f"shown by {first}", *(f"by {seeds}" for seeds in more)]
    header = ("seeds for 80 % power", "difference", "needs", *smallest)
    rows = tuple(
        (
            each.comparison,
            number(each.difference),
            _needed(each),
            *(number(value) for value in each.smallest.values()),
        )
        for each in plans
    )
    table = Table(header, rows, len(smallest), long=(0,))
    kept = chosen(table, line_width(), terminal.ellipsis)
    widths = [max(map(len, column)) for column in kept.values()]
    lines = []
    for name, *cells in zip(*kept.values(), strict=True):
        shown = (f"{cell:>{width}}" for cell, width in zip(cells, widths[1:], strict=True))
        lines.append("  ".join([f"{name:{widths[0]}}", *shown]))
    lines += page.missing(left_out(table, kept), "see dlrun study --json")
    terminal.line("")
    terminal.lines("\n".join(lines))


def _needed(plan: SeedsNeeded) -> str:
    if plan.needed is not None:
        mean = "" if plan.expected is None else f" (mean {plan.expected:.1f})"
        return f"{plan.needed}{mean}"
    return ">10000" if plan.difference > 0 else "-"
