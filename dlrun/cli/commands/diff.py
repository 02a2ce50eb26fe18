"""``dlrun diff``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dlrun.cli.completion import runs
from dlrun.cli.display.terminal import Terminal
from dlrun.cli.exit_codes import ExitCode
from dlrun.cli.help_page import epilog
from dlrun.cli.options import Json, named_run

EPILOG = epilog(
    ["dlrun diff first/moons/* second/moons/*"],
    {
        ExitCode.DONE: "every number is bit-identical",
        ExitCode.INPUT_ERROR: "a directory is missing or broken",
        ExitCode.NOT_CONFIRMED: "some numbers differ",
    },
)


def diff(
    first: Annotated[
        Path,
        typer.Argument(
            metavar="A",
            help="A run directory, or a word such as latest.",
            autocompletion=runs,
            callback=named_run,
        ),
    ],
    second: Annotated[
        Path,
        typer.Argument(metavar="B", help="Another run.", autocompletion=runs, callback=named_run),
    ],
    json: Json = False,
) -> None:
    """Show where the numbers of two runs differ.

    Names the first epoch and the tensors that differ, and the differences of spec and environment.
    Times are not compared. To see which of some runs are better, use dlrun compare.
    """
    from dlrun.api.diff import diff
    from dlrun.cli.display.comparison import print_comparison

    comparison = diff(first, second)
    print_comparison(Terminal(), comparison, json=json)
    if not comparison.same:
        raise typer.Exit(ExitCode.NOT_CONFIRMED)
