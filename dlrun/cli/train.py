"""``dlrun train``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dlrun.cli.profile_table import show_profile
from dlrun.cli.progress import show
from dlrun.cli.terminal import Terminal
from dlrun.errors import DivergedError


def train(
    spec: Annotated[Path, typer.Argument(metavar="SPEC", help="The experiment, a YAML file.")],
    overrides: Annotated[
        list[str] | None,
        typer.Argument(metavar="KEY=VALUE", help="Keys of it with other values."),
    ] = None,
    runs: Annotated[Path, typer.Option(help="The folder of all run directories.")] = Path("runs"),
    plain: Annotated[bool, typer.Option("--plain", help="Print a line an epoch.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print errors only.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print a line of JSON an event.")] = False,
    profile: Annotated[
        bool, typer.Option("--profile", help="Measure where the time goes; no result changes.")
    ] = False,
    detect: Annotated[
        bool,
        typer.Option("--detect", help="Look at every layer's output for what is not finite."),
    ] = False,
) -> None:
    """Train what a spec describes and write a run directory.

    With data.split.folds, train every fold and show mean and 95 % interval of their scores.

    Exit codes: 0 done; 2 a fault of the spec or the data; 3 the training diverged; 129, 130 and 143
    stopped by SIGHUP, SIGINT and SIGTERM: the first ends it behind the step and keeps the results
    so far, a second ends it at once.
    """
    from dlrun import api
    from dlrun.cli.folds import train_folds
    from dlrun.cross_validation import CrossValidation, folds_of
    from dlrun.nn.probe import UNWATCHED
    from dlrun.training.divergence import Detector
    from dlrun.training.profile import Profiler
    from dlrun.training.stop import signals

    terminal = Terminal()
    mode = terminal.mode(plain=plain, quiet=quiet, json=json)
    if profile and detect:
        raise typer.BadParameter("--profile would measure what --detect does; give one of them")
    if folds := folds_of(spec, overrides or []):
        validation = CrossValidation(spec, overrides or [], folds, runs)
        raise typer.Exit(train_folds(validation, mode, terminal, profile=profile))
    probe = Profiler() if profile else Detector() if detect else UNWATCHED
    training = api.start(spec, overrides or [], runs=runs, probe=probe)
    for note in training.notes:
        terminal.error(note)
    with signals(training.stop):
        with show(mode, training.directory, terminal) as consume:
            watched = probe.part("display", consume)
            for event in training.events():
                watched(event)
        for warning in training.finish():
            terminal.error(warning)
    if training.profile is not None:
        show_profile(mode, training.profile, training.directory, terminal)
    assert training.ended is not None
    match training.ended.status:
        case "diverged":
            raise typer.Exit(DivergedError.exit_code)
        case "stopped":
            assert training.stop.received is not None
            raise typer.Exit(128 + training.stop.received)
