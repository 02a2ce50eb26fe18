"""``dlrun runs``."""

from __future__ import annotations

from typing import Annotated

import typer

from dlrun.cli.display.terminal import Terminal
from dlrun.cli.exit_codes import ExitCode
from dlrun.cli.help_page import epilog
from dlrun.cli.options import Folders, Json
from dlrun.cli.usage import one_form

EPILOG = epilog(
    [
        "dlrun runs",
        "dlrun runs --where 'optimizer.adam.lr<1e-2' --where status=done",
        "dlrun runs --where tag=baseline --sort validation.loss --top 10",
        "dlrun runs studies/moons --sort best --csv > trials.csv",
    ],
    {
        ExitCode.DONE: None,
        ExitCode.INPUT_ERROR: "a folder does not exist, or a condition cannot be used",
    },
)


def runs(
    roots: Folders = None,
    where: Annotated[
        list[str] | None,
        typer.Option(
            "--where",
            metavar="CONDITION",
            help="Show runs for which KEY=VALUE holds; also != < <= > >=, and ~ for a part of a "
            "text. May be repeated.",
        ),
    ] = None,
    sort: Annotated[
        str | None,
        typer.Option(
            "--sort", metavar="KEY", help="Sort by a key: the best score, or the newest, first."
        ),
    ] = None,
    reverse: Annotated[bool, typer.Option("--reverse", help="Turn the order around.")] = False,
    top: Annotated[
        int | None, typer.Option("--top", min=1, metavar="N", help="Show the first N runs.")
    ] = None,
    trials: Annotated[
        bool,
        typer.Option("--trials", "--all", help="Also show the runs of studies, and folds."),
    ] = False,
    columns: Annotated[
        str | None, typer.Option("--columns", metavar="KEYS", help="Columns, e.g. id,best,epochs.")
    ] = None,
    csv: Annotated[bool, typer.Option("--csv", help="Print all columns as CSV.")] = False,
    md: Annotated[bool, typer.Option("--md", help="Print the table in Markdown.")] = False,
    json: Json = False,
) -> None:
    """List, filter and sort runs and studies.

    A KEY is a field (name, id, path, kind, status, created, ended, age, best, monitor, tag, note,
    size, trained, best_epoch, duration, study, trial, repeat, fold, trials), a score such as
    validation.loss, or a key of specs such as optimizer.adam.lr.
    """
    import gc

    from dlrun.api.runs import runs as find
    from dlrun.cli.display import runs_table

    one_form(csv=csv, md=md, json=json)
    gc.disable()  # of the many objects of many runs, none becomes garbage before the end
    terminal = Terminal()
    found = find(
        *roots or (), where=where or (), sort=sort, reverse=reverse, top=top, trials=trials
    )
    for note in found.notes:
        terminal.note(note)
    asked = [key.strip() for key in columns.split(",") if key.strip()] if columns else []
    if csv or json:
        rows = found.table(asked, whole=csv)
        if json and not asked:
            for row, each in zip(rows, found, strict=True):
                row["spec"] = each.spec
        terminal.data(runs_table.as_csv(rows, asked) if csv else runs_table.as_json(rows))
    elif md:
        terminal.data(runs_table.as_markdown(found, asked))
    else:
        runs_table.print_runs(terminal, found, found.total, asked)
