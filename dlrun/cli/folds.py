"""All folds of ``dlrun train``, one after another, and the table of their scores."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from dlrun.cli.display.profile_table import show_profile
from dlrun.cli.display.ruled import print_ruled
from dlrun.cli.display.terminal import Mode, Terminal
from dlrun.cli.exit_codes import ExitCode
from dlrun.cli.training import run_through
from dlrun.collection.table import Table
from dlrun.nn.engine.probe import UNWATCHED, Probe
from dlrun.quantities import count, duration, number
from dlrun.run_directory.json_text import to_json
from dlrun.study.results.numbers import between

if TYPE_CHECKING:
    from dlrun.cross_validation.scores import FoldScores
    from dlrun.cross_validation.validation import CrossValidation, Fold

_LISTED = 10
"""Up to so many folds, each has a column."""


def train_folds(
    validation: CrossValidation,
    mode: Mode,
    terminal: Terminal,
    probe: Callable[[], Probe] = lambda: UNWATCHED,
) -> int:
    """Train each fold that is not finished, shown like a single training; show the mean scores.

    Args:
        validation: of the folds.
        mode: how to show them.
        terminal: where to print.
        probe: makes what watches a training.

    Returns:
        The exit code.
    """
    from dlrun.training.signals import signals
    from dlrun.training.stop import Stop

    between = Stop()  # between two folds, and before the first
    between.heeded = False
    said = set[str]()

    def tell(notes: Iterable[str]) -> None:
        for note in notes:
            if note not in said:
                terminal.error(note)
            said.add(note)

    with signals(between), validation:
        for fold in validation.trainings(probe):
            tell((*validation.notes, *fold.training.notes))
            _train(fold, mode, terminal)
        scored = validation.finish()
        tell(validation.notes)
    path = validation.directory.path
    if not validation.trained:
        if mode != "quiet":
            terminal.note(f"{path}: already finished: {scored.reason}")
    elif mode == "json":
        ended = {"event": "folds_ended", **scored.as_json(), "directory": path}
        terminal.line(to_json(ended))
    elif mode != "quiet":
        _print_scores(terminal, scored)
        took = f"{count(len(scored.folds), 'fold')} and {duration(scored.seconds)}"
        _print(terminal, mode, f"{scored.status} after {took}: {scored.reason}", scored.status)
        terminal.line(f"run directory  {path}")
        if scored.status == "stopped":
            terminal.line(f"resume with: dlrun resume {path}")
    match scored.status:
        case "diverged":
            return ExitCode.TRAINING_FAILED
        case "stopped":
            return ExitCode.STOPPED
        case _:
            return ExitCode.DONE


def _train(fold: Fold, mode: Mode, terminal: Terminal) -> None:
    """Train one fold."""
    from dlrun.training.signals import signals

    training = fold.training
    if mode == "json":
        terminal.line(to_json({"event": "fold_started", "fold": fold.number, "folds": fold.of}))
    elif mode != "quiet":
        _print(terminal, mode, f"fold {fold.number} of {fold.of}", "heading")
    with training, signals(training.stop):
        run_through(training, mode, terminal)
    if training.profile is not None:
        show_profile(mode, training.profile, training.directory, terminal)


def _print(terminal: Terminal, mode: Mode, line: str, style: str) -> None:
    if mode == "live":
        terminal.styled([line], style)
    else:
        terminal.line(line)


def _print_scores(terminal: Terminal, scored: FoldScores) -> None:
    if scored.scores:
        print_ruled(terminal, _table(scored), advice="see result.json")


def _table(scored: FoldScores) -> Table:
    """The scores, with a column for each fold; those that do not fit are left out."""
    listed = len(scored.folds) <= _LISTED
    folds = [f"fold {fold}" for fold in range(1, len(scored.folds) + 1)] if listed else []
    rows = []
    for name, estimate in scored.scores.items():
        values = scored.values(name) if listed else ()
        shown = ("-" if value is None else number(value) for value in values)
        rows.append((name, number(estimate.mean), between(estimate) or "-", *shown))
    header = ("metric", "mean", "95 % interval", *folds)
    return Table(header, tuple(rows), differing=len(folds))
