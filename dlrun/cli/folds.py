"""All folds of ``dlrun train``, one after another, and the table of their scores."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dlrun.cli.lines import count, duration, number
from dlrun.cli.profile_table import show_profile
from dlrun.cli.terminal import WIDEST, Mode, Terminal
from dlrun.cli.training import run_through
from dlrun.errors import DivergedError
from dlrun.nn.probe import UNWATCHED
from dlrun.runs.json_text import to_json

if TYPE_CHECKING:
    from dlrun.cross_validation import CrossValidation, Fold, Scored

_LISTED = 10
"""Folds up to which each has a column."""


def train_folds(
    validation: CrossValidation, mode: Mode, terminal: Terminal, *, profile: bool
) -> int:
    """Train each fold as a single training is shown, then show what they say together.

    Returns:
        The exit code.
    """
    from dlrun.training.profile import Profiler
    from dlrun.training.stop import Stop, signals

    between = Stop()  # two folds, and before the first
    between.heeded = False
    with signals(between, resumable=False):
        stopped = 0
        for fold in validation.trainings(Profiler if profile else lambda: UNWATCHED):
            stopped = _train(fold, mode, terminal)
        scored = validation.finish()
    path = validation.directory.path
    if mode == "json":
        ended = {"event": "folds_ended", **scored.as_json(), "directory": path}
        terminal.line(to_json(ended))
    elif mode != "quiet":
        _print_scores(terminal, scored)
        took = f"{count(len(scored.folds), 'fold')} and {duration(scored.seconds)}"
        _say(terminal, mode, f"{scored.status} after {took}: {scored.reason}", scored.status)
        terminal.line(f"run directory  {path}")
    if scored.status == "diverged":
        return DivergedError.exit_code
    return stopped


def _train(fold: Fold, mode: Mode, terminal: Terminal) -> int:
    """Train one; the exit code if a signal stopped it, else 0."""
    from dlrun.training.stop import signals

    training = fold.training
    if fold.number == 1:
        for note in training.notes:
            terminal.error(note)
    if mode == "json":
        terminal.line(to_json({"event": "fold_started", "fold": fold.number, "folds": fold.of}))
    elif mode != "quiet":
        _say(terminal, mode, f"fold {fold.number} of {fold.of}", "heading")
    with training, signals(training.stop):
        run_through(training, mode, terminal)
    if training.profile is not None:
        show_profile(mode, training.profile, training.directory, terminal)
    return 0 if training.stop.received is None else 128 + training.stop.received


def _say(terminal: Terminal, mode: Mode, line: str, style: str) -> None:
    if mode == "live":
        terminal.styled([line], style)
    else:
        terminal.line(line)


def _print_scores(terminal: Terminal, scored: Scored) -> None:
    from rich import box
    from rich.table import Table

    if not scored.scores:
        return
    table = Table(box=box.SIMPLE_HEAD, header_style="heading", pad_edge=False)
    table.add_column("metric", no_wrap=True)
    listed = len(scored.folds) <= _LISTED
    folds = [f"fold {each}" for each in range(1, len(scored.folds) + 1)] if listed else []
    for title in ("mean", "95 % interval", *folds):
        table.add_column(title, justify="right", no_wrap=True)
    for name, each in scored.scores.items():
        interval = "-"
        if each.low is not None and each.high is not None:
            interval = f"{number(each.low)} to {number(each.high)}"
        values = scored.values(name) if listed else ()
        shown = ("-" if value is None else number(value) for value in values)
        table.add_row(name, number(each.mean), interval, *shown)
    with terminal.printing():
        terminal.console.width = WIDEST  # a narrow terminal wraps lines: better than cut numbers
        terminal.console.print(table)
