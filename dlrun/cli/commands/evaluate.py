"""``dlrun evaluate``."""

from __future__ import annotations

from typing import Annotated

import typer

from dlrun.cli.consent import note_unused
from dlrun.cli.display.terminal import Terminal
from dlrun.cli.exit_codes import ExitCode
from dlrun.cli.help_page import epilog
from dlrun.cli.options import Json, SavedRun

EPILOG = epilog(
    [
        "dlrun evaluate runs/moons/20260131-142359-k3f9qz",
        "dlrun evaluate runs/wine/20260131-142359-k3f9qz new.csv --json",
    ],
    {
        ExitCode.DONE: None,
        ExitCode.INPUT_ERROR: "the run or the data cannot be used, or the run's data has changed",
    },
)


def evaluate(
    run: SavedRun,
    file: Annotated[
        str | None,
        typer.Argument(
            metavar="[FILE]", help="Samples with targets, in the form of the run's source."
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Score a run on its own sets or on a file.

    Without FILE, the validation and the test set of the run are scored again; an
    archive needs one.  Samples are
    preprocessed as fitted on the run's training set.
    """
    from dlrun.api.run import Run
    from dlrun.quantities import number
    from dlrun.run_directory.json_text import to_json

    terminal, trained = Terminal(), Run(run)
    scores = trained.evaluate(file, terminal.error)
    note_unused(terminal, trained.plugins, "evaluate")
    if json:
        terminal.lines(to_json(scores, indent=2))
        return
    width = max(map(len, scores), default=0)
    for name, value in scores.items():
        terminal.line(f"{name:{width}}  {number(value)}")
