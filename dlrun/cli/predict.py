"""``dlrun predict``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dlrun.cli.consent import say_unused
from dlrun.cli.terminal import Terminal


def predict(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run directory.")],
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="Samples in the form of the run's source.")
    ],
    out: Annotated[
        Path | None, typer.Option(help="The CSV file to write, instead of standard output.")
    ] = None,
) -> None:
    """Print what a run's network says of the samples in a file, as CSV.

    Targets need not be there.  Preprocessing is what the run has learned from its training part.
    Exit codes: 0 done; 2 the run or the file cannot be used.
    """
    import csv
    import io

    from dlrun import api
    from dlrun.runs.atomic import replace

    terminal, trained = Terminal(), api.Run(run)
    answers = trained.predict_file(file, terminal.error)
    say_unused(terminal, trained.plugins, "predict")
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(answers.header)
    writer.writerows(answers.rows)
    if out is None:
        terminal.data(text.getvalue().rstrip("\n"))
    else:
        replace(out, text.getvalue())
