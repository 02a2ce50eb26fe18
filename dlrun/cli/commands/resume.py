"""``dlrun resume``."""

from __future__ import annotations

import typer

from dlrun.cli.consent import consent
from dlrun.cli.display.terminal import Terminal
from dlrun.cli.exit_codes import ExitCode
from dlrun.cli.help_page import epilog
from dlrun.cli.options import (
    AllowChanges,
    AllowPlugins,
    JsonLines,
    Overrides,
    Plain,
    Quiet,
    Run,
)
from dlrun.cli.training import train_to_the_end

EPILOG = epilog(
    [
        "dlrun resume runs/moons/20260131-142359-k3f9qz",
        "dlrun resume runs/moons/20260131-142359-k3f9qz epochs=200",
    ],
    {
        ExitCode.DONE: None,
        ExitCode.INPUT_ERROR: None,
        ExitCode.TRAINING_FAILED: None,
        ExitCode.STOPPED: "stopped by a signal or max_time, state saved; can be resumed",
        "128+n": "ended at once by a second signal n",
    },
)


def resume(
    run: Run,
    overrides: Overrides = None,
    changes: AllowChanges = False,
    plugins: AllowPlugins = False,
    plain: Plain = False,
    quiet: Quiet = False,
    json: JsonLines = False,
) -> None:
    """Continue an interrupted run.

    Of a cross-validation, all folds that are not finished are trained.  The result is bit-identical
    to that of an uninterrupted run.  A finished run stays as it is, unless epochs is now more than
    it has.
    """
    from dlrun.cli.folds import train_folds
    from dlrun.collection.naming import resolve_run
    from dlrun.cross_validation.place import Given
    from dlrun.cross_validation.requested import folds_of
    from dlrun.cross_validation.validation import CrossValidation
    from dlrun.experiment.moved import own_data
    from dlrun.launch.resume import resume_run
    from dlrun.run_directory.directory import RunDirectory

    terminal, words = Terminal(), overrides or []
    mode = terminal.mode(plain=plain, quiet=quiet, json=json)
    allowed = consent(terminal, plugins)
    directory = RunDirectory.open(resolve_run(run))
    if folds := folds_of(directory.resolved_file, words):
        validation = CrossValidation(
            directory.resolved_file,
            words,
            folds,
            Given(directory),
            allow_changes=changes,
            allow_plugins=allowed,
        )
        with own_data(directory):
            raise typer.Exit(train_folds(validation, mode, terminal))
    train_to_the_end(
        terminal,
        mode,
        lambda stop: resume_run(
            directory.path, words, allow_changes=changes, allow_plugins=allowed, stop=stop
        ),
    )
