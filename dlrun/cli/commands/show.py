"""``dlrun show``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dlrun.cli.completion import runs
from dlrun.cli.display.terminal import Terminal
from dlrun.cli.exit_codes import ExitCode
from dlrun.cli.help_page import epilog
from dlrun.cli.options import Json

EPILOG = epilog(
    ["dlrun show latest", "dlrun show moons@best", "dlrun show 'search#3' --json"],
    {
        ExitCode.DONE: None,
        ExitCode.INPUT_ERROR: "it is neither a run nor a study, or a file is broken",
    },
)


def show(
    run: Annotated[
        Path,
        typer.Argument(
            metavar="RUN",
            help="A run or study, or a word: latest, the beginning of an ID, NAME@best, STUDY#3.",
            autocompletion=runs,
        ),
    ],
    json: Json = False,
) -> None:
    """Show everything about a run or a study.

    How it ended and what to do next, scores, curves, confusion matrix, the keys that were set, its
    place in its study, files, and the commands that resume, use or repeat it. Of a study: state and
    best trials; dlrun study has all of its results.
    """
    from dlrun.api.show import show
    from dlrun.cli.display.run_page import print_run
    from dlrun.cli.display.study_page import print_study
    from dlrun.run_directory.json_text import to_json
    from dlrun.summaries.run_summary import RunSummary

    terminal, summary = Terminal(), show(run)
    if json:
        terminal.data(to_json(summary.as_json(), indent=2))
    elif isinstance(summary, RunSummary):
        print_run(terminal, summary)
    else:
        print_study(terminal, summary)
