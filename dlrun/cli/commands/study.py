"""``dlrun study``."""

from __future__ import annotations

import errno
from typing import Annotated

import typer

from dlrun.cli.display.terminal import Terminal
from dlrun.cli.exit_codes import ExitCode
from dlrun.cli.help_page import epilog
from dlrun.cli.options import Study
from dlrun.cli.usage import one_form
from dlrun.errors import DataError

EPILOG = epilog(
    [
        "dlrun study studies/moons",
        "dlrun study studies/moons --csv > leaderboard.csv",
    ],
    {
        ExitCode.DONE: None,
        ExitCode.INPUT_ERROR: "the study does not exist, or its files are broken",
    },
)


def study(
    path: Study,
    csv: Annotated[bool, typer.Option("--csv", help="Print the leaderboard as CSV.")] = False,
    md: Annotated[bool, typer.Option("--md", help="Print the leaderboard in Markdown.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the leaderboard as JSON.")] = False,
) -> None:
    """Show the results of a search.

    Prints the leaderboard and, from 10 trials with a score on, the importance of each key, and
    draws pictures into the folder plots of the study; with --csv, --md or --json only the
    leaderboard.  With repeats it also shows how many seeds the claims and the two best trials need.
    The study may still be running.
    """
    from dlrun.api.study import Study
    from dlrun.cli.display.board import print_board
    from dlrun.cli.display.importance import print_importance
    from dlrun.cli.display.seeds_needed import print_seeds_needed

    one_form(csv=csv, md=md, json=json)
    terminal, shown = Terminal(), Study(path)
    for asked, form in ((csv, shown.as_csv), (md, shown.as_markdown), (json, shown.as_json)):
        if asked:
            terminal.data(form().rstrip("\n"))
            return
    print_board(terminal, shown.leaderboard, shown.advice())
    print_seeds_needed(terminal, shown.seeds_needed())
    scored = sum(bool(trial.expected) for trial in shown.trials)
    print_importance(terminal, shown.importance(), scored)
    try:
        pictures = shown.draw()
    except DataError as error:
        if not _cannot_be_written(error):
            raise
        terminal.note(f"no pictures: {error}")
        return
    for position, picture in enumerate(pictures):
        if not position:
            terminal.line("")
        terminal.line(f"picture  {picture}")


def _cannot_be_written(error: DataError) -> bool:
    """Whether the folder of a study is only for reading, as of someone else or in an archive."""
    cause = error.__cause__
    return isinstance(cause, OSError) and cause.errno in (errno.EROFS, errno.EACCES, errno.EPERM)
