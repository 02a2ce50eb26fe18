"""``dlrun evaluate``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dlrun.cli.consent import say_unused
from dlrun.cli.terminal import Terminal


def evaluate(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run directory.")],
    file: Annotated[
        str | None,
        typer.Argument(
            metavar="[FILE]", help="Samples with targets, in the form of the run's source."
        ),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Score a run's network: on its own validation and test part, or on a file.

    Preprocessing is what the run has learned from its training part.  Exit codes: 0 done; 2 the
    run or the data cannot be used, or the run's own data has changed.
    """
    from dlrun import api
    from dlrun.cli.lines import number
    from dlrun.runs.json_text import to_json

    terminal, trained = Terminal(), api.Run(run)
    scores = trained.evaluate(file, terminal.error)
    say_unused(terminal, trained.plugins, "evaluate")
    if json:
        terminal.lines(to_json(scores, indent=2))
        return
    width = max(map(len, scores), default=0)
    for name, value in scores.items():
        terminal.line(f"{name:{width}}  {number(value)}")
