"""Short answers, and the headers of all answers: a browser may load nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
_Pairs = list[tuple[bytes, bytes]]

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "connect-src 'self'",
        "img-src data:",
        "media-src data:",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
"""The content security policy of all answers."""
_ALWAYS = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
)


def with_headers(send: Send) -> Send:
    """A ``send`` that adds the headers of all answers."""

    async def sending(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            own = {name for name, _ in message["headers"]}
            always = [*_ALWAYS, (b"cache-control", b"no-store")]
            added = [each for each in always if each[0] not in own]
            message = {**message, "headers": [*message["headers"], *added]}
        await send(message)

    return sending


async def answer(
    send: Send,
    status: int,
    text: str,
    more: Sequence[tuple[bytes, bytes]] = (),
    kind: bytes = b"text/plain; charset=utf-8",
) -> None:
    """Send a whole answer.

    Args:
        send: of the request.
        status: HTTP status.
        text: the body.
        more: further headers.
        kind: type of the body.
    """
    body = text.encode()
    length = (b"content-length", str(len(body)).encode())
    headers = [(b"content-type", kind), length, *more]
    sending = with_headers(send)
    await sending({"type": "http.response.start", "status": status, "headers": headers})
    await sending({"type": "http.response.body", "body": body})
