"""``dlrun report-result``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dlrun.cli.consent import AllowPlugins, consent
from dlrun.cli.terminal import Terminal


def report_result(
    study: Annotated[Path, typer.Argument(metavar="STUDY", help="The directory of a study.")],
    run: Annotated[
        str, typer.Argument(metavar="RUN", help="What dlrun suggest called the run, as 3 or 3-2.")
    ],
    scores: Annotated[
        list[str] | None,
        typer.Argument(metavar="VALUE", help="The objective's value, or NAME=VALUE of scores."),
    ] = None,
    directory: Annotated[
        Path | None, typer.Option("--from", help="The run directory to take the scores from.")
    ] = None,
    failed: Annotated[
        str | None, typer.Option("--failed", help="Why there is no value.", metavar="REASON")
    ] = None,
    lost: Annotated[
        bool, typer.Option("--lost", help="There will be no result: hand the run out anew.")
    ] = False,
    allow_plugins: AllowPlugins = False,
) -> None:
    """Tell a study what came of a run that dlrun suggest handed out.

    Exit codes: 0 done; 2 no such run is under way, or its value is no number.
    """
    from dlrun.errors import InputError
    from dlrun.study import ask_tell

    ways = [bool(scores), directory is not None, failed is not None, lost]
    if sum(ways) != 1:
        raise InputError("give a value, or one of --from, --failed and --lost")
    plan, place = ask_tell.reopen(study, allow_plugins=consent(Terminal(), allow_plugins))
    outcome = None
    if scores:
        outcome = ask_tell.scored(plan, scores)
    elif directory is not None:
        outcome = ask_tell.trained(directory)
    elif failed is not None:
        outcome = ask_tell.failed(failed)
    ask_tell.report(plan, place, run, outcome)
