"""``dlrun tune``."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

import typer

from dlrun.cli.consent import AllowPlugins, consent
from dlrun.cli.terminal import Terminal
from dlrun.errors import InputError, TrainingError

_STOPPED = 75
_CLAIM_FAILED = 4
_SHOWN = 10
"""Rows of the leaderboard at the end."""


class Where(StrEnum):
    """Who starts the processes that train."""

    LOCAL = "local"
    DASK = "dask"
    SLURM = "slurm"


def tune(
    sweep: Annotated[Path, typer.Argument(metavar="SWEEP", help="The search, a YAML file.")],
    overrides: Annotated[
        list[str] | None,
        typer.Argument(metavar="KEY=VALUE", help="Keys of the sweep with other values."),
    ] = None,
    jobs: Annotated[
        int | None,
        typer.Option(min=1, help="Runs to train side by side; as many as threads if not given."),
    ] = None,
    executor: Annotated[
        Where, typer.Option(help="Where runs are trained: here, by dask, or as jobs of Slurm.")
    ] = Where.LOCAL,
    scheduler: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Of dask, as tcp://host:8786; else one is started."),
    ] = None,
    studies: Annotated[Path, typer.Option(help="The folder of all studies.")] = Path("studies"),
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be done, and what it would take.")
    ] = False,
    allow_plugins: AllowPlugins = False,
    plain: Annotated[bool, typer.Option("--plain", help="Print a line a run.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print errors only.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print a line of JSON an event.")] = False,
) -> None:
    """Search for the best values of a spec's keys and write a study directory.

    The same command goes on with a study that was stopped or killed.  Its results do not depend on
    --jobs.  Exit codes: 0 done; 2 a fault of the sweep, its spec or the data; 3 some trials failed;
    4 a claim does not hold; 75 stopped by a signal, run the same command to go on.
    """
    from dlrun import variables
    from dlrun.cli.board import print_board
    from dlrun.cli.forecast_table import print_forecast
    from dlrun.cli.study_progress import show_study
    from dlrun.study.executors.connection import Cluster
    from dlrun.study.forecast import forecast
    from dlrun.study.results.ranking import leaderboard
    from dlrun.study.results.remarks import counted
    from dlrun.study.store.directory import StudyDirectory
    from dlrun.study.study import Study
    from dlrun.study.sweep.compile import read_plan
    from dlrun.training.stop import Stop, signals

    terminal = Terminal()
    allowed = consent(terminal, allow_plugins)
    stop = Stop()
    stop.heeded = False
    with signals(stop):
        plan = read_plan(sweep, overrides or [], allow_plugins=allowed)
        for note in plan.notes:
            terminal.note(note)
        workers = jobs or variables.threads()
        if dry_run:
            print_forecast(terminal, plan, forecast(plan, workers), as_json=json)
            return
        mode = terminal.mode(plain=plain, quiet=quiet, json=json)
        if scheduler is not None and executor is not Where.DASK:
            raise InputError("--scheduler needs --executor dask")
        if executor is Where.SLURM and jobs is None:
            raise InputError("--executor slurm needs --jobs, the number of jobs to submit")
        kind: Literal["dask", "slurm"] = "slurm" if executor is Where.SLURM else "dask"
        cluster = None if executor is Where.LOCAL else Cluster(kind, scheduler, jobs)
        study = Study(plan, StudyDirectory(studies / plan.sweep.name), workers, cluster)
        with show_study(mode, terminal) as consume:
            for event in study.run(stop):
                consume(event)
    if stop:
        raise typer.Exit(_STOPPED)
    board = leaderboard(plan, study.state)
    if mode in ("live", "plain"):
        print_board(terminal, board, _SHOWN)
        terminal.line(f"study directory  {study.directory.path}")
    if not all(verdict.holds for verdict in board.verdicts):
        raise typer.Exit(_CLAIM_FAILED)
    if board.fruitless:
        terminal.error(f"no trial was trained to its end: {counted(board)}")
    if board.failed or board.fruitless:
        raise typer.Exit(TrainingError.exit_code)
