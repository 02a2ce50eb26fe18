"""``dlrun plan``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dlrun.cli.consent import consent
from dlrun.cli.display.terminal import Terminal
from dlrun.cli.exit_codes import ExitCode
from dlrun.cli.help_page import epilog
from dlrun.cli.options import AllowPlugins, Json, Studies, Sweep, SweepOverrides

EPILOG = epilog(
    [
        "dlrun plan sweep.yaml --jobs 2",
        "dlrun plan sweep.yaml --time 4h",
        "dlrun plan sweep.yaml trials=200 spec.epochs=30",
    ],
    {
        ExitCode.DONE: None,
        ExitCode.INPUT_ERROR: "error in the sweep, its spec, the data or an option",
    },
)


def plan(
    sweep: Sweep,
    overrides: SweepOverrides = None,
    time: Annotated[
        str | None,
        typer.Option(metavar="DURATION", help="Time for the study, such as 4h, as budget.time."),
    ] = None,
    jobs: Annotated[
        int | None,
        typer.Option(min=1, help="Runs to train at the same time. Default: number of threads."),
    ] = None,
    studies: Studies = Path("studies"),
    plugins: AllowPlugins = False,
    json: Json = False,
) -> None:
    """Predict how long a search takes, and what fits into a time.

    Trains an epoch or two of some trials, for a few seconds, and discards the results.  The
    interval shows how much the measured trials differ.  dlrun tune --dry-run lists the trials, too.
    """
    from dlrun.api.plan import with_time
    from dlrun.api.tune import Search
    from dlrun.cli.display.forecast_table import print_forecast

    terminal = Terminal()
    given = with_time(overrides or [], time)
    allow = consent(terminal, plugins)
    search = Search(sweep, given, jobs=jobs, studies=studies, allow_plugins=allow)
    for note in search.plan.notes:
        terminal.note(note)
    print_forecast(terminal, search.plan, search.forecast(), as_json=json, listed=False)
