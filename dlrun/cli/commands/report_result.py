"""``dlrun report-result``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dlrun.cli.completion import runs
from dlrun.cli.consent import consent
from dlrun.cli.display.terminal import Terminal
from dlrun.cli.exit_codes import ExitCode
from dlrun.cli.help_page import epilog
from dlrun.cli.options import AllowPlugins, Study, named_run

EPILOG = epilog(
    [
        "dlrun report-result studies/moons 3 0.217",
        "dlrun report-result studies/moons 3-2 validation.loss=0.217",
        "dlrun report-result studies/moons 3 --from runs/3/moons/*",
        'dlrun report-result studies/moons 3 --failed "out of memory"',
    ],
    {
        ExitCode.DONE: None,
        ExitCode.INPUT_ERROR: "no such run in progress, or its value is not a finite number",
    },
)


def report_result(
    study: Study,
    run: Annotated[
        str, typer.Argument(metavar="RUN", help="Name of the suggested run, such as 3 or 3-2.")
    ],
    scores: Annotated[
        list[str] | None,
        typer.Argument(metavar="VALUE", help="The objective's value, or NAME=VALUE of scores."),
    ] = None,
    directory: Annotated[
        Path | None,
        typer.Option(
            "--from",
            help="Run directory to read the scores from.",
            autocompletion=runs,
            callback=named_run,
        ),
    ] = None,
    failed: Annotated[
        str | None,
        typer.Option("--failed", help="Reason why the run has no value.", metavar="REASON"),
    ] = None,
    lost: Annotated[
        bool, typer.Option("--lost", help="The result is lost: suggest this run again.")
    ] = False,
    plugins: AllowPlugins = False,
) -> None:
    """Report the result of a suggested run (tell)."""
    from dlrun.api.report_result import report_result

    report_result(
        study,
        run,
        scores,
        directory=directory,
        failed=failed,
        lost=lost,
        allow_plugins=consent(Terminal(), plugins),
    )
