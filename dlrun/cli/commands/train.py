"""``dlrun train``."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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
    Resume,
    Runs,
    Spec,
)
from dlrun.cli.training import train_to_the_end

if TYPE_CHECKING:
    from dlrun.launch.finished import Finished
    from dlrun.launch.training import Training
    from dlrun.training.stop import Stop

EPILOG = epilog(
    [
        "dlrun train spec.yaml",
        "dlrun train spec.yaml epochs=50 optimizer.adam.lr=0.01",
        "dlrun train spec.yaml --resume auto max_time=8h",
        "dlrun train spec.yaml data.split.folds=5",
    ],
    {
        ExitCode.DONE: None,
        ExitCode.INPUT_ERROR: None,
        ExitCode.TRAINING_FAILED: None,
        ExitCode.STOPPED: "stopped by a signal or max_time, state saved; --resume continues",
        "128+n": "ended at once by a second signal n",
    },
)


def train(
    spec: Spec,
    overrides: Overrides = None,
    runs: Runs = Path("runs"),
    resume: Annotated[
        Resume | None,
        typer.Option(
            metavar="[auto]",
            help='Resume the latest run of this command; "auto" starts one if there is none.',
        ),
    ] = None,
    changes: AllowChanges = False,
    plugins: AllowPlugins = False,
    plain: Plain = False,
    quiet: Quiet = False,
    json: JsonLines = False,
    profile: Annotated[
        bool, typer.Option("--profile", help="Measure where the time goes; results are the same.")
    ] = False,
    detect: Annotated[
        bool,
        typer.Option(
            "--detect-anomaly", help="Check every layer's output for NaN and infinity (slower)."
        ),
    ] = False,
) -> None:
    """Train the network that a spec describes.

    Everything is written to a run directory, RUNS/NAME/ID.  If the spec has data.split.folds, every
    fold is trained, and mean and 95 % interval of the scores are shown.

    SIGTERM, SIGINT, SIGHUP, SIGUSR1 and max_time stop the training after the current step and save
    its state.  The resumed result is bit-identical to that of an uninterrupted run.
    """
    from dlrun.api.train import probe_of
    from dlrun.cli.folds import train_folds
    from dlrun.cross_validation.place import Latest, New
    from dlrun.cross_validation.requested import folds_of
    from dlrun.cross_validation.validation import CrossValidation
    from dlrun.launch.resume import resume_latest
    from dlrun.launch.start import start

    terminal, words = Terminal(), overrides or []
    mode = terminal.mode(plain=plain, quiet=quiet, json=json)
    new_probe = partial(probe_of, profile=profile, detect_anomaly=detect)
    probe = new_probe()
    allowed = consent(terminal, plugins)
    if folds := folds_of(spec, words):
        place = New(runs) if resume is None else Latest(runs, or_new=resume is Resume.AUTO)
        validation = CrossValidation(
            spec, words, folds, place, allow_changes=changes, allow_plugins=allowed
        )
        raise typer.Exit(train_folds(validation, mode, terminal, new_probe))

    def begin(stop: Stop) -> Training | Finished:
        if resume is None:
            return start(spec, words, runs=runs, allow_plugins=allowed, probe=probe, stop=stop)
        return resume_latest(
            spec,
            words,
            runs=runs,
            or_start=resume is Resume.AUTO,
            allow_changes=changes,
            allow_plugins=allowed,
            probe=probe,
            stop=stop,
        )

    train_to_the_end(terminal, mode, begin)
