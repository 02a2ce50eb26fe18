"""``dlrun predict``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dlrun.cli.completion import files
from dlrun.cli.consent import note_unused
from dlrun.cli.display.terminal import Terminal
from dlrun.cli.exit_codes import ExitCode
from dlrun.cli.help_page import epilog
from dlrun.cli.options import STANDARD_OUTPUT, SavedRun

EPILOG = epilog(
    [
        "dlrun predict runs/wine/20260131-142359-k3f9qz new.csv",
        "dlrun predict runs/wine/20260131-142359-k3f9qz new.csv --out out.csv",
        "dlrun predict runs/wine/20260131-142359-k3f9qz new.csv --id bottle",
    ],
    {
        ExitCode.DONE: None,
        ExitCode.INPUT_ERROR: "the run or the file cannot be used",
    },
)


def predict(
    run: SavedRun,
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="Samples in the form of the run's source.")
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            help="CSV file to write, instead of standard output, which is also -.",
            autocompletion=files,
        ),
    ] = None,
    id_column: Annotated[
        str | None,
        typer.Option("--id", metavar="COLUMN", help="Column of FILE to repeat in every row."),
    ] = None,
) -> None:
    """Write a run's predictions for a file as CSV.

    Targets are not needed.  Samples are preprocessed as fitted on the run's training set.
    """
    from dlrun.api.predict import csv_text, write_csv
    from dlrun.api.run import Run

    terminal = Terminal()
    if out is not None and out != STANDARD_OUTPUT:
        write_csv(run, file, out, terminal.error, id_column)
        note_unused(terminal, Run(run).plugins, "predict")
        return
    for number, lines in enumerate(csv_text(run, file, terminal.error, id_column)):
        if number == 0:
            note_unused(terminal, Run(run).plugins, "predict")
        terminal.data(lines.removesuffix("\n"))
