"""How many seeds the comparisons of a study need, on the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from dlrun.cli.display.terminal import Terminal
from dlrun.study.results.numbers import short
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
    rows = [["seeds for 80 % power", "difference", "needs", *smallest]]
    rows += [
        [
            each.comparison,
            short(each.difference),
            _needed(each),
            *(short(value) for value in each.smallest.values()),
        ]
        for each in plans
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    terminal.line("")
    for name, *cells in rows:
        shown = (f"{cell:>{width}}" for cell, width in zip(cells, widths[1:], strict=True))
        terminal.line("  ".join([f"{name:{widths[0]}}", *shown]))


def _needed(plan: SeedsNeeded) -> str:
    if plan.needed is not None:
        mean = "" if plan.expected is None else f" (mean {plan.expected:.1f})"
        return f"{plan.needed}{mean}"
    return ">10000" if plan.difference > 0 else "-"
