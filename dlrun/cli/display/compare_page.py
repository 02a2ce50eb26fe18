"""A comparison of runs on the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from dlrun.cli.display import page
from dlrun.cli.display.compare_table import compare_table
from dlrun.cli.display.curve_plot import curve_plot
from dlrun.cli.display.fitting import fitted
from dlrun.cli.display.terminal import Terminal, line_width
from dlrun.collection.table import Table
from dlrun.quantities import count
from dlrun.summaries.compared import Compared
from dlrun.summaries.run_groups import seed_of

_NAMED = 5
"""Runs that are named for a value of an environment, at most."""
_RUNS = 30
"""Runs and environment keys that are listed, at most."""
_DRAWN = 8
"""Groups whose curves are drawn, at most."""
_HEIGHT = 10
"""Lines of the plot."""
_LETTERS = 40
"""Letters of a value in the list of environments, at most."""


def print_compared(terminal: Terminal, result: Compared) -> None:
    """Print a comparison."""
    page.print_sections(
        terminal,
        [
            compare_table(result),
            [line for verdict in result.verdicts for line in page.wrapped(verdict, indent=2)],
            _curves(result),
            _environment(result),
            _runs(result),
            [line for note in result.notes for line in page.wrapped(note, indent=2)],
        ],
    )


def _curves(result: Compared) -> list[str]:
    groups = [group for group in result.groups if result.curve(group)]
    if not groups:
        return []
    curves = {group.label: result.curve(group) for group in groups[:_DRAWN]}
    width = min(line_width(), page.PLOT_WIDTH)
    several = any(len(group.runs) > 1 for group in groups[:_DRAWN])
    title = f"{result.score} by epoch{', mean over the runs of a group' if several else ''}"
    lines = [*page.wrapped(title), *curve_plot(curves, width, _HEIGHT, braille=False)]
    if len(groups) > _DRAWN:
        lines += page.wrapped(
            f"{count(len(groups) - _DRAWN, 'more curve')}; use --plot for a picture of all"
        )
    return lines


def _environment(result: Compared) -> list[str]:
    keys = result.environment
    if not keys:
        return []
    lines = ["environments that differ"]
    for each in keys[:_RUNS]:
        values = "; ".join(
            f"{_brief(page.value(value))} ({_named(names)})" for value, names in each.values
        )
        lines += page.wrapped(values, f"{each.key}: ", indent=2)
    return [*lines, *_more(len(keys), "key")]


def _named(names: Sequence[str]) -> str:
    shown = ", ".join(names[:_NAMED])
    return f"{shown} and {len(names) - _NAMED} more" if len(names) > _NAMED else shown


def _brief(text: str) -> str:
    return text if len(text) <= _LETTERS else f"{text[:_LETTERS]}..."


def _runs(result: Compared) -> list[str]:
    rows = [
        [
            name,
            str(seed_of(run)),
            run.state,
            page.score(run.metrics.get(str(result.score))),
            run.directory,
        ]
        for group in result.groups
        for name, run in zip(group.names(), group.runs, strict=True)
    ]
    header = ("run", "seed", "status", result.score or "score", "directory")
    lines, _ = fitted(Table(header, tuple(map(tuple, rows[:_RUNS]))), line_width())
    return [*lines, *_more(len(rows), "run")]


def _more(number: int, thing: str) -> list[str]:
    return (
        [f"... and {count(number - _RUNS, f'more {thing}')}; use --json"] if number > _RUNS else []
    )
