"""The application: which address has which answer.

No address contains a path: runs and studies have keys, which lead to the directories that were
found below the folders of the board, and to no others.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response, StreamingResponse
from starlette.routing import Route

from dlrun.collection.entry import Entry
from dlrun.errors import DlrunError
from dlrun.run_directory.json_text import to_json
from dlrun.web.answers import App
from dlrun.web.compare_page import compare_page
from dlrun.web.entry_page import entry_page, message_page
from dlrun.web.events import kept_alive, listing_events, run_events
from dlrun.web.followed import now
from dlrun.web.guard import Guard
from dlrun.web.index_page import index_page
from dlrun.web.query import parse_keys, parse_query
from dlrun.web.rows import Rows
from dlrun.web.shell import assets
from dlrun.web.watcher import Watcher

_STREAMS = 64
"""Connections with events at the same time, at most."""


def application(
    watcher: Watcher,
    host: str,
    port: int,
    token: str | None,
    stopping: Callable[[], bool] = lambda: False,
) -> App:
    """The ASGI application of a board.

    Args:
        watcher: of the listing.
        host: what the server is bound to.
        port: likewise.
        token: the secret in the address; None for none.
        stopping: whether the server is about to end, so that events end.
    """
    board = _Board(watcher, stopping)
    routes = [
        Route("/", board.index),
        Route("/compare", board.compare),
        Route("/entry/{key}", board.entry),
        Route("/assets/{name}", board.asset),
        Route("/api/rows", board.rows),
        Route("/api/live", board.live),
        Route("/api/changes", board.changes),
    ]
    return Guard(Starlette(routes=routes), host, port, token)


class _Board:
    """The answers.  Methods that are not ``async`` run in threads."""

    def __init__(self, watcher: Watcher, stopping: Callable[[], bool]) -> None:
        self._watcher, self._stopping = watcher, stopping
        self._rows, self._streams = Rows(), 0
        self._predicting = threading.Lock()

    def index(self, request: Request) -> Response:
        return HTMLResponse(index_page(self._watcher.listing()))

    def entry(self, request: Request) -> Response:
        entry = self._watcher.listing().by_key.get(request.path_params["key"])
        if entry is None:
            return _missing()
        try:
            if request.query_params.get("predict") != "1":
                return HTMLResponse(entry_page(now(entry), predict=False))
            with self._predicting:  # one network at a time in memory
                return HTMLResponse(entry_page(now(entry), predict=True))
        except DlrunError as error:
            return HTMLResponse(message_page(entry.id, "\n".join(error.lines())))

    def compare(self, request: Request) -> Response:
        try:
            entries = self._entries(request)
        except DlrunError as error:
            return HTMLResponse(message_page("Not compared", str(error)), status_code=400)
        if not entries:
            return _missing()
        return HTMLResponse(compare_page([now(entry) for entry in entries]))

    def rows(self, request: Request) -> Response:
        try:
            query = parse_query(request.scope["query_string"])
            return _json(self._rows.window(self._watcher.listing(), query))
        except DlrunError as error:
            return _json({"error": "\n".join(error.lines())}, 400)

    def asset(self, request: Request) -> Response:
        found = assets().get(request.path_params["name"])
        if found is None:
            return _missing()
        kept = {"cache-control": "private, max-age=31536000, immutable"}
        return Response(found[1], media_type=found[0], headers=kept)

    async def live(self, request: Request) -> Response:
        try:
            entries = await asyncio.to_thread(self._entries, request)
        except DlrunError as error:
            return _json({"error": str(error)}, 400)
        if not entries:
            return _missing()
        return self._stream(run_events(entries, self._over(request)))

    async def changes(self, request: Request) -> Response:
        return self._stream(listing_events(self._watcher, self._over(request)))

    def _entries(self, request: Request) -> Sequence[Entry]:
        known = self._watcher.listing().by_key
        keys = parse_keys(request.scope["query_string"])
        return [known[key] for key in keys if key in known]

    def _over(self, request: Request) -> Callable[[], Any]:
        async def over() -> bool:
            return self._stopping() or await request.is_disconnected()

        return over

    def _stream(self, events: AsyncIterator[bytes]) -> Response:
        if self._streams >= _STREAMS:
            return _json({"error": "too many pages are open"}, 503)
        self._streams += 1

        async def counted() -> AsyncIterator[bytes]:
            try:
                async for each in kept_alive(events):
                    yield each
            finally:
                self._streams -= 1

        return StreamingResponse(counted(), media_type="text/event-stream")


def _json(value: Any, status: int = 200) -> Response:
    return Response(to_json(value), status_code=status, media_type="application/json")


def _missing() -> Response:
    text = "This run or study does not exist, or was removed."
    return HTMLResponse(message_page("Not found", text), status_code=404)
