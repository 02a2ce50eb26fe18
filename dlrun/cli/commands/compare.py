"""``dlrun compare``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dlrun.cli.completion import files
from dlrun.cli.completion import runs as run_words
from dlrun.cli.display.terminal import Terminal
from dlrun.cli.exit_codes import ExitCode
from dlrun.cli.help_page import epilog
from dlrun.cli.options import Json, not_standard_output
from dlrun.cli.usage import one_form

EPILOG = epilog(
    [
        "dlrun compare moons@best latest",
        "dlrun compare 'search#1' 'search#3' --score test.accuracy",
        "dlrun compare --where tag=paper --plot curves.png",
        "dlrun compare studies/search --csv > groups.csv",
    ],
    {
        ExitCode.DONE: None,
        ExitCode.INPUT_ERROR: "fewer than two runs, a broken run, or an unknown score",
    },
)


def compare(
    runs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="RUN",
            help="Runs, or words such as latest; a study stands for its runs. Default: all runs "
            "for which --where holds.",
            autocompletion=run_words,
        ),
    ] = None,
    where: Annotated[
        list[str] | None,
        typer.Option(
            "--where",
            metavar="CONDITION",
            help="Compare runs for which KEY=VALUE holds, as in dlrun runs. May be repeated.",
        ),
    ] = None,
    score: Annotated[
        str | None,
        typer.Option(
            "--score",
            metavar="SCORE",
            help="Score to test and draw. Default: the one that determines the best epoch.",
        ),
    ] = None,
    plot: Annotated[
        Path | None,
        typer.Option(
            "--plot",
            metavar="FILE",
            help="Draw the curves of that score into a PNG file.",
            autocompletion=files,
            callback=not_standard_output,
        ),
    ] = None,
    csv: Annotated[bool, typer.Option("--csv", help="Print the table as CSV.")] = False,
    md: Annotated[bool, typer.Option("--md", help="Print the table in Markdown.")] = False,
    json: Json = False,
) -> None:
    """Compare settings and scores of runs.

    Runs that differ only in the seed are repeats: they become one group with means and 95 %
    intervals. Each group is tested against the first one, with differences paired by seed. For
    whether the numbers of two runs are bit-identical, and where not, use dlrun diff.
    """
    from dlrun.api.compare import compare
    from dlrun.cli.display.compare_page import print_compared
    from dlrun.cli.display.compare_table import as_markdown
    from dlrun.cli.display.runs_table import as_csv
    from dlrun.run_directory.json_text import to_json

    one_form(csv=csv, md=md, json=json)
    terminal = Terminal()
    result = compare(*runs or (), where=where or (), score=score, plot=plot)
    if csv:
        terminal.data(as_csv(result.rows()))
    elif json:
        terminal.data(to_json(result.as_json(), indent=2))
    elif md:
        terminal.data(as_markdown(result))
    else:
        print_compared(terminal, result)
    if plot is not None:
        terminal.note(f"picture  {plot}")
