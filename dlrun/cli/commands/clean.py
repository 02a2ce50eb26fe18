"""``dlrun clean``."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Annotated

import typer

from dlrun.cli.display.terminal import Terminal
from dlrun.cli.exit_codes import ExitCode
from dlrun.cli.help_page import epilog
from dlrun.cli.options import Folders, Json

if TYPE_CHECKING:
    from dlrun.api.clean import Cleaned

EPILOG = epilog(
    [
        "dlrun clean",
        "dlrun clean --last --states --older-than 7d --delete",
        "dlrun clean studies/search --keep-best 3",
        "dlrun clean --cache-over 2GB --delete",
    ],
    {
        ExitCode.DONE: "listed, or deleted",
        ExitCode.INPUT_ERROR: "a folder or an option cannot be used, or a deletion failed",
    },
)


def clean(
    ctx: typer.Context,
    roots: Folders = None,
    broken: Annotated[
        bool,
        typer.Option(
            "--broken", help="Runs without an epoch or a checkpoint. Default, with --temporary."
        ),
    ] = False,
    temporary: Annotated[
        bool, typer.Option("--temporary", help="Temporary files that killed processes have left.")
    ] = False,
    last: Annotated[
        bool,
        typer.Option("--last", help="Checkpoints of ended runs that are only needed to resume."),
    ] = False,
    states: Annotated[
        bool, typer.Option("--states", help="Optimizer states of ended runs; their weights stay.")
    ] = False,
    keep_best: Annotated[
        int | None,
        typer.Option(
            "--keep-best",
            min=0,
            metavar="N",
            help="Weights of all trials of an ended study except the best N.",
        ),
    ] = None,
    cache_over: Annotated[
        str | None,
        typer.Option(
            "--cache-over",
            metavar="SIZE",
            help="Decoded files and kernels over a size such as 2GB, the longest unused first.",
        ),
    ] = None,
    older_than: Annotated[
        str | None,
        typer.Option(
            "--older-than",
            metavar="AGE",
            help="Only what ended, or in caches was last used, so long ago, e.g. 7d.",
        ),
    ] = None,
    where: Annotated[
        list[str] | None,
        typer.Option(
            "--where", metavar="CONDITION", help="Only runs for which it holds; as of dlrun runs."
        ),
    ] = None,
    tagged: Annotated[
        bool, typer.Option("--tagged", help="Include tagged runs, which are kept otherwise.")
    ] = False,
    delete: Annotated[
        bool, typer.Option("--delete", help="Delete it; otherwise it is only listed.")
    ] = False,
    json: Json = False,
) -> None:
    """Delete what runs, studies and caches no longer need.

    Without --delete, nothing is deleted. Only files that dlrun has written are, never through a
    link, and never of a run that is trained or that an unfinished study may resume. What stays can
    be read, and predicts as before.
    """
    from dlrun.api.clean import clean
    from dlrun.run_directory.json_text import to_json

    terminal = Terminal()
    cleaned = clean(
        *roots or (),
        broken=broken,
        temporary=temporary,
        last=last,
        states=states,
        keep_best=keep_best,
        cache_over=cache_over,
        older_than=older_than,
        where=where or (),
        tagged=tagged,
        delete=delete,
    )
    if json:
        terminal.data(to_json(cleaned.as_json(), indent=2))
    else:
        for note in cleaned.notes:
            terminal.note(note)
        _print(terminal, cleaned)
    if cleaned.failed:
        raise typer.Exit(ExitCode.INPUT_ERROR)
    if json:
        return
    if not delete and cleaned.deletions:
        terminal.line(f"delete it with: {_command(ctx)} --delete")


def _print(terminal: Terminal, cleaned: Cleaned) -> None:
    from dlrun.quantities import count, size

    for each in cleaned.deletions:
        what = "everything" if each.whole else ", ".join(each.files)
        terminal.line(f"{size(each.size):>8}  {each.rule:<9}  {each.directory}  {what}")
    total = f"{size(cleaned.size)} in {count(len(cleaned.deletions), 'place')}"
    if not cleaned.deletions:
        terminal.line("nothing deleted" if cleaned.failed else "nothing to delete")
    else:
        terminal.line(f"deleted {total}" if cleaned.deleted else f"would delete {total}")


def _command(ctx: typer.Context) -> str:
    """The command line as it was given, for a shell."""
    words = ["dlrun", "clean"]
    for parameter in ctx.command.params:
        value = ctx.params.get(parameter.name or "")
        if value in (None, False, [], ()):
            continue
        for each in value if isinstance(value, list | tuple) else [value]:
            name = [parameter.opts[0]] if parameter.opts[0].startswith("-") else []
            words += name if each is True else [*name, str(each)]
    return shlex.join(words)
