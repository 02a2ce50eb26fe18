"""Runs and studies in a browser."""

from __future__ import annotations

import webbrowser
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from dlrun.api.at_least import whole
from dlrun.errors import InputError

if TYPE_CHECKING:
    from dlrun.web.address import Address

_LAST_PORT = 65535


def board(
    *roots: str | Path,
    host: str = "127.0.0.1",
    port: int = 7070,
    token: bool = True,
    open_browser: bool = False,
    ready: Callable[[Address], None] | None = None,
) -> int:
    """Serve a page of runs and studies until a signal, such as that of Ctrl-C, ends it.

    Directories of runs and studies are only read.  It needs the packages of ``dlrun[web]``.

    Args:
        roots: folders of runs and studies; none for ``runs`` and ``studies``.
        host: the name or address to listen on.
        port: 0 for a free one.
        token: whether only those may read who know the secret in the address.
        open_browser: whether to open the page in a browser.
        ready: called with the address as soon as it can be opened; None prints it.

    Returns:
        The number of the signal.

    Raises:
        InputError: the packages are not installed, the address cannot be used, or an event loop is
            running in this thread, as in a notebook.
        DataError: a folder does not exist.
    """
    from dlrun.web.serve import serve

    whole(port=port)
    if not 0 <= port <= _LAST_PORT:
        raise InputError(f"--port {port}: must be from 0 to {_LAST_PORT}")

    def started(place: Address) -> None:
        if ready is None:
            print(f"board  {place.url}", flush=True)
        else:
            ready(place)
        if open_browser:
            webbrowser.open(place.url)

    return serve([Path(root) for root in roots] or None, host, port, started, token=token)
