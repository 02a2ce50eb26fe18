"""Who may ask, and for what: reading alone, under an allowed name, with the token.

The token is in the address that ``dlrun board`` prints.  The answer to that address sets a cookie
and leads to the page without the token, so that the token is in no history of the page, and no
other site can use the cookie (``SameSite=Strict``).
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from urllib.parse import parse_qsl, quote, urlencode

from dlrun.pages.markup import escaped
from dlrun.web.answers import App, Receive, Scope, Send, answer, with_headers
from dlrun.web.hosts import allowed_names, is_allowed, is_any


class Guard:
    """An ASGI application around another one, which it asks only if a request is allowed.

    Args:
        app: the application.
        host: the name or address that the server is bound to.
        port: its port, which the cookie is named after: browsers send cookies to all ports.
        token: the secret; None allows everyone who can reach the server.
    """

    def __init__(self, app: App, host: str, port: int, token: str | None) -> None:
        self._app, self._token = app, token
        self._names, self._addresses = allowed_names(host), is_any(host)
        self._cookie = f"dlrun-board-{port}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or pass it on."""
        if scope["type"] != "http":
            return  # WebSockets are closed without an answer
        if scope["method"] not in ("GET", "HEAD"):
            allow = [(b"allow", b"GET, HEAD")]
            await answer(send, 405, "The board can only be read.", allow)
            return
        headers: Sequence[tuple[bytes, bytes]] = scope["headers"]
        hosts = [value.decode("latin-1") for name, value in headers if name == b"host"]
        if len(hosts) != 1 or not is_allowed(hosts[0], self._names, addresses=self._addresses):
            await answer(send, 421, "The board does not have this name.")
            return
        if self._token is None:
            await self._app(scope, receive, with_headers(send))
            return
        pairs = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
        given = next((value for name, value in pairs if name == "token"), None)
        if given is not None and self._is_token(given):
            await self._welcome(send, scope["path"], pairs)
        elif any(map(self._is_token, self._cookies(headers))):
            await self._app(scope, receive, with_headers(send))
        else:
            text = "Open the address that dlrun board has printed, with its token."
            await answer(send, 401, text)

    def _is_token(self, given: str) -> bool:
        assert self._token is not None
        return hmac.compare_digest(given.encode(), self._token.encode())

    def _cookies(self, headers: Sequence[tuple[bytes, bytes]]) -> list[str]:
        parts = [
            part.strip().partition("=")
            for name, value in headers
            if name == b"cookie"
            for part in value.decode("latin-1").split(";")
        ]
        return [value for name, _, value in parts if name == self._cookie]

    async def _welcome(self, send: Send, path: str, pairs: list[tuple[str, str]]) -> None:
        """Set the cookie; then the page itself, not a redirect, leads on.

        After a click in another site's page, a redirect would not send a strict cookie.
        """
        rest = urlencode([(name, value) for name, value in pairs if name != "token"])
        place = "/" + quote(path.lstrip("/\\")) + (f"?{rest}" if rest else "")
        cookie = f"{self._cookie}={self._token}; Path=/; HttpOnly; SameSite=Strict"
        page = (
            '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>dlrun board</title>'
            f'<meta http-equiv="refresh" content="0; url={escaped(place)}"></head>'
            f'<body><a href="{escaped(place)}">dlrun board</a></body></html>'
        )
        more = [(b"set-cookie", cookie.encode())]
        await answer(send, 200, page, more, kind=b"text/html; charset=utf-8")
