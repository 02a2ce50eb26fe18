"""``dlrun watch``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dlrun.cli.completion import runs
from dlrun.cli.display.terminal import Terminal
from dlrun.cli.exit_codes import ExitCode
from dlrun.cli.help_page import epilog
from dlrun.cli.options import JsonLines, Plain, Quiet

EPILOG = epilog(
    [
        "dlrun watch latest",
        "dlrun watch moons@best --json",
        "dlrun watch studies/search --interval 10",
        "dlrun watch latest --wait --quiet",
    ],
    {
        ExitCode.DONE: "the run or the study is complete",
        ExitCode.INPUT_ERROR: "the run or study does not exist, or a file is broken",
        ExitCode.TRAINING_FAILED: "the training diverged, or trials of the study failed",
        ExitCode.NOT_CONFIRMED: "a claim of the study does not hold",
        ExitCode.STOPPED: "it was stopped or killed, and can be resumed",
        "128+n": "ended by signal n, such as 130 by Ctrl-C; the training continues",
    },
)


def watch(
    run: Annotated[
        Path,
        typer.Argument(
            metavar="RUN|STUDY",
            help="The directory, or latest, the beginning of an ID, NAME@best, STUDY, STUDY#3.",
            autocompletion=runs,
        ),
    ],
    interval: Annotated[
        float,
        typer.Option(
            metavar="SECONDS",
            min=0.1,
            max=86_400.0,
            help="Look at the files once per so many seconds, at most a day.",
        ),
    ] = 1.0,
    wait: Annotated[
        bool,
        typer.Option("--wait", help="After a stop or a kill, wait until it is resumed and ends."),
    ] = False,
    plain: Plain = False,
    quiet: Quiet = False,
    json: JsonLines = False,
) -> None:
    """Follow a training or a study that runs elsewhere.

    Everything is read from the files of its directory, so it may run on another machine that shares
    the disk. Nothing is written, and Ctrl-C leaves the training alone. The exit code is that of the
    training.
    """
    from dlrun.cli.watching import interruptible, watch_run, watch_study
    from dlrun.collection.naming import resolve
    from dlrun.following.follow import follow, follower_of
    from dlrun.following.run import RunFollower

    terminal = Terminal()
    mode = terminal.mode(plain=plain, quiet=quiet, json=json)
    with interruptible():
        follower = follower_of(resolve(run))
        events = follow(follower, interval=interval, wait=wait)
        if isinstance(follower, RunFollower):
            code = watch_run(follower, events, mode, terminal)
        else:
            code = watch_study(follower, events, mode, terminal)
    raise typer.Exit(code)
