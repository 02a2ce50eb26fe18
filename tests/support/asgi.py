"""Asking an ASGI application in this process."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

_LONGEST = 60.0


@dataclass(frozen=True)
class Answer:
    """An answer: status, headers in lower case, body."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def ask(
    app: Any,
    path: str,
    *,
    method: str = "GET",
    query: str = "",
    host: str | None = "127.0.0.1:7070",
    cookie: str = "",
    enough: Callable[[bytes], bool] = lambda body: False,
) -> Answer:
    """The answer to a request.

    Args:
        app: the application.
        path: of the address, not encoded.
        method: of the request.
        query: encoded.
        host: the header; None for none.
        cookie: the header; empty for none.
        enough: whether the reader leaves after what has come so far.
    """
    headers = [(b"host", host.encode())] if host is not None else []
    headers += [(b"cookie", cookie.encode())] if cookie else []
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": quote(path).encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": headers,
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 7070),
        "state": {},
    }
    return asyncio.run(asyncio.wait_for(_asked(app, scope, enough), _LONGEST))


async def _asked(app: Any, scope: Any, enough: Callable[[bytes], bool]) -> Answer:
    gone, asked = asyncio.Event(), False
    start: dict[str, Any] = {}
    body = b""

    async def receive() -> dict[str, Any]:
        nonlocal asked
        if not asked:
            asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        nonlocal body
        if message["type"] == "http.response.start":
            start.update(message)
        else:
            body += message.get("body", b"")
            if enough(body):
                gone.set()

    await app(scope, receive, send)
    headers = {key.decode(): value.decode() for key, value in start["headers"]}
    return Answer(start["status"], headers, body)


def events(body: bytes) -> list[tuple[str, Any]]:
    """The server-sent events in a body: their names and data."""
    found = []
    for block in body.decode().split("\n\n"):
        lines = dict(line.partition(": ")[::2] for line in block.splitlines())
        if "event" in lines:
            found.append((lines["event"], json.loads(lines["data"])))
    return found
