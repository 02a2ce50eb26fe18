"""``dlrun check``."""

from __future__ import annotations

from typing import Annotated

import typer

from dlrun.cli.consent import consent
from dlrun.cli.display.terminal import Terminal
from dlrun.cli.exit_codes import ExitCode
from dlrun.cli.help_page import epilog
from dlrun.cli.options import AllowPlugins, Json, Overrides, Spec
from dlrun.errors import SpecError

EPILOG = epilog(
    [
        "dlrun check spec.yaml",
        "dlrun check spec.yaml data.batch_size=64 --plan",
        "dlrun check spec.yaml --explain",
    ],
    {
        ExitCode.DONE: "the spec is valid",
        ExitCode.INPUT_ERROR: "the spec or its data has errors",
    },
)


def check(
    spec: Spec,
    overrides: Overrides = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Show where each value comes from.")
    ] = False,
    plan: Annotated[
        bool,
        typer.Option("--plan", help="Show how a step will run: its chunks, threads and memory."),
    ] = False,
    plugins: AllowPlugins = False,
    json: Json = False,
) -> None:
    """Validate a spec and show its network.

    Prints output shape, parameters and multiply-adds of every layer, and the memory of a training
    without that of the program, its libraries and the pictures.  Trains nothing and writes nothing.
    """
    from dlrun.api.check import check
    from dlrun.cli.display.network_table import print_network
    from dlrun.run_directory.json_text import to_json

    terminal = Terminal()
    allow = consent(terminal, plugins)
    try:
        checked = check(spec, overrides or [], plan=plan, allow_plugins=allow)
    except SpecError as error:
        for note in getattr(error, "__notes__", ()):
            terminal.note(note)
        raise
    if json:
        terminal.lines(to_json(checked.as_json(explain=explain), indent=2))
    else:
        print_network(terminal, checked, explain=explain)
