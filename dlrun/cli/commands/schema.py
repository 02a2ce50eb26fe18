"""``dlrun schema``."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from dlrun.cli.display.terminal import Terminal
from dlrun.cli.exit_codes import ExitCode
from dlrun.cli.help_page import epilog

EPILOG = epilog(
    [
        "dlrun schema > dlrun.schema.json",
        "dlrun schema --sweep > sweep.schema.json",
    ],
    {ExitCode.DONE: None},
)


def schema(
    sweep: Annotated[
        bool, typer.Option("--sweep", help="Print the schema of sweeps instead of specs.")
    ] = False,
) -> None:
    """Print the JSON Schema for editors."""
    from dlrun.api.schema import schema

    Terminal().lines(json.dumps(schema(sweep=sweep), indent=2))
