"""What the commands that train share: from a training to an exit code."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import typer

from dlrun.cli.display.terminal import Mode, Terminal
from dlrun.cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from dlrun.launch.finished import Finished
    from dlrun.launch.training import Training
    from dlrun.training.stop import Stop


def train_to_the_end(
    terminal: Terminal, mode: Mode, begin: Callable[[Stop], Training | Finished]
) -> None:
    """Train, or report that nothing is left to do; raises Exit if the code is not 0.

    Args:
        terminal: where to print.
        mode: how to show it.
        begin: makes the training, given the request to stop that signals set.
    """
    from dlrun.cli.display.profile_table import show_profile
    from dlrun.launch.finished import Finished
    from dlrun.training.signals import signals
    from dlrun.training.stop import Stop

    stop = Stop()
    stop.heeded = False
    with signals(stop):
        training = begin(stop)
        for note in training.notes:
            terminal.error(note)
        if isinstance(training, Finished):
            if mode != "quiet":
                directory = training.directory
                reason = directory.result()["reason"]
                terminal.note(f"{directory.path}: already finished: {reason}")
            return
        with training:
            run_through(training, mode, terminal)
    if training.profile is not None:
        show_profile(mode, training.profile, training.directory, terminal)
    assert training.ended is not None
    match training.ended.status:
        case "diverged":
            raise typer.Exit(ExitCode.TRAINING_FAILED)
        case "stopped":
            raise typer.Exit(ExitCode.STOPPED)


def run_through(training: Training, mode: Mode, terminal: Terminal) -> None:
    """Train and finish, and show what happens."""
    from dlrun.cli.display.progress import show

    with show(mode, training.directory, terminal) as consume:
        for event in training.events():
            with training.probe.part("display"):
                consume(event)
            for warning in training.warnings():
                terminal.error(warning)
    for warning in training.finish(tell=None if mode == "quiet" else terminal.note):
        terminal.error(warning)
