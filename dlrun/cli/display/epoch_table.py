"""The table of epochs, cut to the size of the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from dlrun.cli.display.number_column import number_column, rate_column
from dlrun.quantities import duration
from dlrun.training.events import EpochEnded

_GAP = 2
"""Spaces between two columns: one is padding, one is drawn by the box."""
_NUMBER = 10
"""Characters of a metric, such as -1.234e-05."""


def epoch_table(
    recent: Sequence[EpochEnded], best: EpochEnded | None, monitor: str, width: int, rows: int
) -> Table:
    """The last epochs, with the best one above them if it is not one of them.

    Args:
        recent: epochs in order; at least one.
        best: the best so far.
        monitor: the metric that the best epoch is chosen by; its column is always shown.
        width: characters in a line of the terminal.
        rows: lines of the table's body at most, 1 or more.
    """
    last = recent[-rows:]
    shown: list[EpochEnded | None] = list(last)
    if best is not None and all(each.epoch != best.epoch for each in last) and rows >= 3:
        shown = [best, None, *recent[-(rows - 2) :]]  # None stands for those between
    columns = _columns(list(recent[-1].row), monitor, width)
    table = Table(box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, _GAP - 1, 0, 0))
    for column in columns:
        table.add_column(
            Text(_heading(column)), justify="right", min_width=_width(column), no_wrap=True
        )
    epochs = [event for event in shown if event is not None]
    cells = iter(zip(*(_cells(epochs, column, best) for column in columns), strict=True))
    for event in shown:
        if event is None:
            table.add_row("...", style="faint")
        else:
            is_best = best is not None and event.epoch == best.epoch
            table.add_row(*next(cells), style="best" if is_best else "")
    return table


def _columns(keys: Sequence[str], monitor: str, width: int) -> list[str]:
    """The columns that fit; unimportant ones are left out first."""
    metrics = [key for key in keys if "." in key]
    columns = ["epoch", "seconds", "lr", *metrics]
    others = [key for key in metrics if key not in (monitor, "train.loss", "validation.loss")]
    droppable = [
        *reversed([key for key in others if key.startswith("train.")]),
        "seconds",
        "lr",
        *reversed([key for key in others if not key.startswith("train.")]),
        *(key for key in ("train.loss", "validation.loss") if key in metrics and key != monitor),
    ]
    for column in droppable:
        if sum(_width(name) + _GAP for name in columns) - _GAP <= width:
            break
        columns.remove(column)
    return columns


def _heading(column: str) -> str:
    if column == "seconds":
        return "\ntime"
    part, dot, metric = column.partition(".")
    return f"{part}\n{metric}" if dot else f"\n{part}"


def _width(column: str) -> int:
    """Characters of the widest cell, fixed so that columns do not move from epoch to epoch."""
    if "." not in column:
        return {"epoch": 7, "seconds": 6, "lr": 8}[column]
    return max(_NUMBER, *map(len, _heading(column).split("\n")))


def _cells(epochs: Sequence[EpochEnded], column: str, best: EpochEnded | None) -> Sequence[str]:
    if column == "epoch":
        marked = None if best is None else best.epoch
        return [f"{'* ' if each.epoch == marked else ''}{each.epoch}" for each in epochs]
    values = [each.row[column] for each in epochs]
    match column:
        case "seconds":
            return [duration(value) for value in values]
        case "lr":
            return rate_column(values)
        case _:
            return number_column(values, _NUMBER)
