"""``dlrun report``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dlrun.cli.completion import files, runs
from dlrun.cli.display.terminal import Terminal
from dlrun.cli.exit_codes import ExitCode
from dlrun.cli.help_page import epilog
from dlrun.cli.options import STANDARD_OUTPUT

EPILOG = epilog(
    [
        "dlrun report latest",
        "dlrun report studies/digits -o digits.html",
        "dlrun report runs --out overview.html",
    ],
    {
        ExitCode.DONE: None,
        ExitCode.INPUT_ERROR: "the directory is missing or broken, or the file cannot be written",
    },
)


def report(
    path: Annotated[
        Path,
        typer.Argument(
            metavar="PATH",
            help="A run, a study, a folder of them, or a word such as latest.",
            autocompletion=runs,
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(
            "--out", "-o", help="HTML file to write; - for standard output.", autocompletion=files
        ),
    ] = Path("report.html"),
    samples: Annotated[
        int | None,
        typer.Option(
            min=0,
            help="Maximum number of validation samples to predict; 0 reads no data.  "
            "By default as many as take about a second.",
        ),
    ] = None,
) -> None:
    """Write a report as one HTML file.

    It has the scores, curves, predictions, worst mistakes, environment and commands of a run; the
    leaderboard and charts of a study; or a table of all in a folder.  It works without a network.
    """
    from dlrun.api.report import report

    if out == STANDARD_OUTPUT:
        Terminal().data(report(path, samples=samples).removesuffix("\n"))
        return
    report(path, out, samples=samples)
    Terminal().line(f"report  {out}")
