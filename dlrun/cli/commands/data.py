"""``dlrun data``."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from dlrun.cli.completion import files
from dlrun.cli.display.terminal import Terminal
from dlrun.cli.exit_codes import ExitCode
from dlrun.cli.help_page import epilog
from dlrun.cli.options import Json, Overrides, Spec, not_standard_output

EPILOG = epilog(
    [
        "dlrun data spec.yaml",
        "dlrun data spec.yaml --sheet digits.png --columns 12",
    ],
    {
        ExitCode.DONE: None,
        ExitCode.INPUT_ERROR: "error in the section data, the data or the picture's path",
    },
)


def data(
    spec: Spec,
    overrides: Overrides = None,
    sheet: Annotated[
        Path | None,
        typer.Option(
            help="PNG file for the first training images of each class.",
            autocompletion=files,
            callback=not_standard_output,
        ),
    ] = None,
    columns: Annotated[int, typer.Option(min=1, help="Images per row of the sheet.")] = 10,
    json: Json = False,
) -> None:
    """Inspect a spec's data.

    Shows the size of each set, its classes, ranges, missing values, duplicates and leaks, before
    preprocessing.  A leak is a sample whose input also occurs in another set, so that its score
    rewards memorization.  Trains nothing; the rest of the spec need not be valid.
    """
    from dlrun.api.data_overview import data_overview
    from dlrun.cli.display.data_tables import print_data
    from dlrun.run_directory.json_text import to_json

    overview = data_overview(spec, overrides or [], sheet=sheet, columns=columns)
    if json:
        Terminal().lines(to_json(asdict(overview), indent=2))
    else:
        print_data(Terminal(), overview)
        if sheet is not None:
            Terminal().line(f"{sheet}: the first training images of each class")
