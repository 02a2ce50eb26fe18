"""``dlrun board``."""

from __future__ import annotations

import signal
from typing import Annotated

import typer

from dlrun.cli.display.terminal import Terminal
from dlrun.cli.exit_codes import ExitCode
from dlrun.cli.help_page import epilog
from dlrun.cli.options import Folders

EPILOG = epilog(
    [
        "dlrun board",
        "dlrun board runs /data/runs --port 0",
        "ssh -L 7070:localhost:7070 server dlrun board",
    ],
    {
        ExitCode.DONE: "ended by SIGTERM",
        ExitCode.INPUT_ERROR: "a folder does not exist, or the port is in use",
        ExitCode.INTERRUPTED: "ended with Ctrl-C",
    },
)


def board(
    roots: Folders = None,
    host: Annotated[
        str, typer.Option(help="Name or address to listen on; 0.0.0.0 is every network.")
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port to listen on; 0 chooses a free one.")
    ] = 7070,
    token: Annotated[
        bool, typer.Option(help="Let only those read who know the token in the printed address.")
    ] = True,
    open_: Annotated[bool, typer.Option("--open", help="Open the page in a browser.")] = False,
) -> None:
    """Show runs and studies in a browser, also while they train.

    The page lists, filters, sorts and compares them, opens the report of each, and follows
    trainings.  Run and study directories are only read.  It is served to this machine alone unless
    --host is given, and only with the token that is in the printed address.
    """
    from dlrun.api.board import board
    from dlrun.web.address import Address
    from dlrun.web.hosts import is_loopback

    terminal = Terminal()

    def ready(place: Address) -> None:
        terminal.line(f"board  {place.url}")
        if not is_loopback(host):
            terminal.note("the connection is not encrypted; use it in networks that you trust")

    number = board(*roots or (), host=host, port=port, token=token, open_browser=open_, ready=ready)
    if number == signal.SIGINT:
        raise typer.Exit(ExitCode.INTERRUPTED)
