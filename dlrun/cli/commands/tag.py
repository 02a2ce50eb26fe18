"""``dlrun tag``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dlrun.cli.completion import runs
from dlrun.cli.display.terminal import Terminal
from dlrun.cli.exit_codes import ExitCode
from dlrun.cli.help_page import epilog
from dlrun.errors import DataError
from dlrun.printable import printable

EPILOG = epilog(
    [
        "dlrun tag latest +baseline",
        "dlrun tag latest moons@best -baseline +paper --note 'figure 2'",
        "dlrun tag latest",
    ],
    {
        ExitCode.DONE: None,
        ExitCode.INPUT_ERROR: "the run does not exist, or its tags cannot be written",
    },
)


def tag(
    names: Annotated[
        list[str],
        typer.Argument(
            metavar="RUN...", help="Runs or studies; then +TAG and -TAG.", autocompletion=runs
        ),
    ],
    add: Annotated[
        list[str] | None, typer.Option("--add", metavar="TAG", help="Add a tag; as +TAG.")
    ] = None,
    remove: Annotated[
        list[str] | None, typer.Option("--remove", metavar="TAG", help="Remove a tag; as -TAG.")
    ] = None,
    note: Annotated[
        str | None, typer.Option("--note", metavar="TEXT", help="Replace the note; '' removes it.")
    ] = None,
) -> None:
    """Add or remove tags, or show them.

    Tags and a note are in the file tags.json of the run; dlrun runs can filter by them. Without a
    change, they are shown.
    """
    from dlrun.api.tag import tag
    from dlrun.collection.naming import resolve

    terminal = Terminal()
    paths: list[Path] = []  # all of them before the first change
    for name in names:
        try:
            paths.append(resolve(name))
        except DataError as error:
            if not paths or set(name) & set("@#/"):
                raise
            advice = f"to add or remove a tag, write +{printable(name)} or -{printable(name)}"
            raise DataError(f"{error}; {advice}") from error
    for path in paths:
        found = tag(path, add or (), remove or (), note)
        words = [*found.tags, *([f"({found.note})"] if found.note else [])]
        terminal.line(f"{path}  {' '.join(words) or 'no tags'}")
