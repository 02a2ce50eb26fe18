"""What the commands that train have in common: from a run that can be trained to an exit code."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from dlrun.cli.profile_table import show_profile
from dlrun.cli.progress import show
from dlrun.cli.terminal import Mode, Terminal
from dlrun.errors import DivergedError

if TYPE_CHECKING:
    from dlrun.api import Run, Training
    from dlrun.training.stop import Stop

Changed = Annotated[
    bool, typer.Option("--changed", help="Go on also with another spec, data or version.")
]
Plain = Annotated[bool, typer.Option("--plain", help="Print a line an epoch.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Print errors only.")]
Json = Annotated[bool, typer.Option("--json", help="Print a line of JSON an event.")]


def train_to_the_end(
    terminal: Terminal, mode: Mode, begin: Callable[[Stop], Training | Run]
) -> None:
    """Train, or say that nothing is left to do; raises Exit where the code is not 0.

    Args:
        terminal: where to print.
        mode: how to show it.
        begin: makes the training, given what signals ask to stop.
    """
    from dlrun.api import Run
    from dlrun.training.stop import RESUMABLE, Stop, signals

    stop = Stop()
    stop.heeded = False
    with signals(stop):
        training = begin(stop)
        if isinstance(training, Run):
            if mode != "quiet":
                terminal.note(f"{training.path}: it is finished: {training.result['reason']}")
            return
        with training:
            for note in training.notes:
                terminal.error(note)
            run_through(training, mode, terminal)
    if training.profile is not None:
        show_profile(mode, training.profile, training.directory, terminal)
    assert training.ended is not None
    match training.ended.status:
        case "diverged":
            raise typer.Exit(DivergedError.exit_code)
        case "stopped":
            raise typer.Exit(RESUMABLE)


def run_through(training: Training, mode: Mode, terminal: Terminal) -> None:
    """Train and finish, and show what happens."""
    with show(mode, training.directory, terminal) as consume:
        watched = training.probe.part("display", consume)
        for event in training.events():
            watched(event)
    for warning in training.finish():
        terminal.error(warning)
