"""Serving the board until a signal ends it."""

from __future__ import annotations

import asyncio
import secrets
import signal
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from dlrun.errors import InputError
from dlrun.web.address import Address, bound

_ENDING = (signal.SIGINT, signal.SIGTERM)


def serve(
    roots: Sequence[Path] | None,
    host: str,
    port: int,
    ready: Callable[[Address], None],
    *,
    token: bool = True,
) -> int:
    """Serve the board; in the main thread, until a signal ends it.

    Args:
        roots: folders of runs and studies, only read; None for ``runs`` and ``studies``.
        host: the name or address to bind to.
        port: 0 for a free one.
        ready: called once, when a browser can open the address.
        token: whether only those may read who know a secret.

    Returns:
        The number of the signal that has ended it.

    Raises:
        InputError: the packages are not installed, the address cannot be used, or an event loop is
            running in this thread.
        DataError: a folder does not exist.
    """
    try:
        import starlette  # noqa: F401
        import uvicorn
    except ImportError as error:
        raise InputError(
            "dlrun board needs the packages starlette and uvicorn; install them with "
            "pip install 'dlrun[web]'"
        ) from error
    if _in_a_loop():
        raise InputError(
            "the board cannot run in a notebook or an event loop; run dlrun board in a terminal"
        )
    from dlrun.web.app import application
    from dlrun.web.watcher import Watcher

    ended_by: list[int] = []

    def noted(number: int, frame: object) -> None:
        ended_by.append(number)

    with bound(host, port) as listening:
        port = listening.getsockname()[1]
        watcher = Watcher(roots)
        place = Address(host, port, secrets.token_urlsafe(32) if token else None)
        server: Any = None
        app = application(watcher, host, port, place.token, lambda: bool(server.should_exit))
        config = uvicorn.Config(
            app,
            http="h11",
            loop="asyncio",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=3,
        )
        server = uvicorn.Server(config)
        # The server catches these signals while it runs, and raises them again when it has ended.
        before: dict[int, Any] = {}
        if threading.current_thread() is threading.main_thread():
            before = {each: signal.signal(each, noted) for each in _ENDING}
        watcher.start()
        try:
            ready(place)
            if not ended_by:
                server.run(sockets=[listening])
        finally:
            watcher.stop()
            for number, handler in before.items():
                signal.signal(number, handler)
    return ended_by[0] if ended_by else signal.SIGINT


def _in_a_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
