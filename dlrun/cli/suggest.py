"""``dlrun suggest``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dlrun.cli.consent import AllowPlugins, consent
from dlrun.cli.terminal import Terminal

_EXHAUSTED = 5


def suggest(
    study: Annotated[
        Path,
        typer.Argument(metavar="STUDY", help="A sweep, a YAML file, or the directory of a study."),
    ],
    overrides: Annotated[
        list[str] | None,
        typer.Argument(metavar="KEY=VALUE", help="Keys of the sweep with other values."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="The study's directory; studies/NAME if not given.")
    ] = None,
    numbered: Annotated[
        bool, typer.Option("--numbered", "-n", help="Print the run's name before the overrides.")
    ] = False,
    allow_plugins: AllowPlugins = False,
    json: Annotated[bool, typer.Option("--json", help="Print a JSON object.")] = False,
) -> None:
    """Print the values that a study wants to be tried next, as overrides for dlrun train.

    A sweep begins a study, or goes on with it.  What trains the run, and where, is yours to say;
    dlrun report-result takes what came of it.  Any number of processes may ask at once.  Exit
    codes: 0 done; 2 a fault of the sweep, its spec or the data; 5 the study wants no more runs.
    """
    from dlrun.errors import InputError
    from dlrun.runs.json_text import to_json
    from dlrun.search.suggestion import legible
    from dlrun.study import ask_tell

    terminal = Terminal()
    allowed = consent(terminal, allow_plugins)
    if study.is_dir():
        if overrides or out is not None:
            raise InputError(f"{study} is a study; overrides and --out go with a sweep")
        plan, directory = ask_tell.reopen(study, allow_plugins=allowed)
    else:
        plan, directory = ask_tell.begin(study, overrides or [], out, allow_plugins=allowed)
    asked = ask_tell.ask(plan, directory)
    if asked is None:
        waiting = ask_tell.under_way(plan, directory)
        behind = f"; not reported yet: {', '.join(waiting)}" if waiting else ""
        terminal.note(f"{directory.path} wants no more runs{behind}")
        raise typer.Exit(_EXHAUSTED)
    if json:
        fields = {"run": asked.name, "trial": asked.trial, "repeat": asked.repeat}
        more = {"settings": legible(asked.settings), "overrides": asked.overrides}
        terminal.line(to_json({**fields, "study": str(directory.path), **more}))
    else:
        terminal.line(" ".join([*([asked.name] if numbered else []), *asked.overrides]))
