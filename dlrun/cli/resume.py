"""``dlrun resume``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dlrun.cli.consent import AllowPlugins, consent
from dlrun.cli.terminal import Terminal
from dlrun.cli.training import Changed, Json, Plain, Quiet, train_to_the_end


def resume(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="The run directory.")],
    overrides: Annotated[
        list[str] | None,
        typer.Argument(metavar="KEY=VALUE", help="Keys of its spec with other values, as epochs."),
    ] = None,
    changed: Changed = False,
    allow_plugins: AllowPlugins = False,
    plain: Plain = False,
    quiet: Quiet = False,
    json: Json = False,
) -> None:
    """Go on with a run where it was interrupted; it ends with the bits of one that was not.

    A run that is finished is left alone, unless epochs is more than it has.  Exit codes as those
    of dlrun train.
    """
    from dlrun import api

    terminal = Terminal()
    allowed = consent(terminal, allow_plugins)
    train_to_the_end(
        terminal,
        terminal.mode(plain=plain, quiet=quiet, json=json),
        lambda stop: api.reopen(
            run, overrides or [], changed=changed, allow_plugins=allowed, stop=stop
        ),
    )
