"""``dlrun tune``."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from dlrun.cli.consent import consent
from dlrun.cli.display.terminal import Terminal
from dlrun.cli.exit_codes import ExitCode
from dlrun.cli.help_page import epilog
from dlrun.cli.options import (
    AllowPlugins,
    JsonLines,
    Plain,
    Quiet,
    Studies,
    Sweep,
    SweepOverrides,
)

EPILOG = epilog(
    [
        "dlrun tune sweep.yaml",
        "dlrun tune sweep.yaml --dry-run",
        "dlrun tune sweep.yaml --jobs 4 trials=60",
        "dlrun tune sweep.yaml --executor slurm --jobs 16",
    ],
    {
        ExitCode.DONE: None,
        ExitCode.INPUT_ERROR: "error in the sweep, its spec, the data or an option",
        ExitCode.TRAINING_FAILED: "some trials failed",
        ExitCode.NOT_CONFIRMED: "a claim of the sweep does not hold",
        ExitCode.STOPPED: "stopped by a signal; run the same command to continue",
    },
)


class Executor(StrEnum):
    """Where runs are trained."""

    LOCAL = "local"
    DASK = "dask"
    SLURM = "slurm"


def tune(
    sweep: Sweep,
    overrides: SweepOverrides = None,
    jobs: Annotated[
        int | None,
        typer.Option(min=1, help="Runs to train at the same time. Default: number of threads."),
    ] = None,
    executor: Annotated[
        Executor, typer.Option(help="Where runs are trained: here, by dask, or as Slurm jobs.")
    ] = Executor.LOCAL,
    scheduler: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="Address of a dask scheduler, such as tcp://host:8786. Default: start one.",
        ),
    ] = None,
    studies: Studies = Path("studies"),
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run", help="List the trials and estimate time and memory; train nothing."
        ),
    ] = False,
    plugins: AllowPlugins = False,
    plain: Plain = False,
    quiet: Quiet = False,
    json: JsonLines = False,
) -> None:
    """Search hyperparameters.

    Everything is written to a study directory, STUDIES/NAME.  The same command continues a study
    that was stopped or killed.  The results do not depend on --jobs, except with the pruners asha
    and median.
    """
    from dlrun.api.tune import Search
    from dlrun.cli.display.forecast_table import print_forecast
    from dlrun.cli.display.study_progress import show_study
    from dlrun.cli.study_end import show_end
    from dlrun.training.signals import signals
    from dlrun.training.stop import Stop

    terminal = Terminal()
    allowed = consent(terminal, plugins)
    stop = Stop()
    stop.heeded = False
    with signals(stop):
        search = Search(
            sweep,
            overrides or [],
            jobs=jobs,
            executor=executor.value,
            scheduler=scheduler,
            studies=studies,
            allow_plugins=allowed,
        )
        for note in search.plan.notes:
            terminal.note(note)
        if dry_run:
            print_forecast(terminal, search.plan, search.dry_run(), as_json=json)
            return
        mode = terminal.mode(plain=plain, quiet=quiet, json=json)
        running = search.start()
        with show_study(mode, terminal) as consume:
            for event in running.run(stop):
                consume(event)
    if stop:
        raise typer.Exit(ExitCode.STOPPED)
    if code := show_end(running.directory.path, mode, terminal):
        raise typer.Exit(code)
