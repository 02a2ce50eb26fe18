"""Who may ask, and for what."""

from __future__ import annotations

from typing import Any

import pytest
from asgi import Answer, ask

from dlrun.web.guard import Guard

TOKEN = "a-secret-of-43-letters"
COOKIE = f"dlrun-board-7070={TOKEN}"


async def inner(scope: Any, receive: Any, send: Any) -> None:
    """An application that answers everything."""
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"inside"})


def answer(
    path: str = "/", *, token: str | None = TOKEN, at: str = "127.0.0.1", **keys: Any
) -> Answer:
    return ask(Guard(inner, at, 7070, token), path, **keys)


def test_without_the_token_nothing_is_answered() -> None:
    for keys in (
        {},
        {"query": "token="},
        {"query": "token=another"},
        {"query": f"token={TOKEN}x"},
        {"cookie": "dlrun-board-7070="},
        {"cookie": "dlrun-board-7070=é"},
        {"cookie": f"dlrun-board-7071={TOKEN}"},
    ):
        found = answer(**keys)
        assert found.status == 401
        assert b"inside" not in found.body
        assert "set-cookie" not in found.headers


def test_the_token_sets_a_cookie_that_opens_the_board() -> None:
    found = answer("/compare", query=f"keys=a%22b&token={TOKEN}")
    assert found.status == 200
    assert found.headers["set-cookie"] == f"{COOKIE}; Path=/; HttpOnly; SameSite=Strict"
    assert 'url=/compare?keys=a%22b"' in found.text
    assert TOKEN not in found.text
    assert answer(cookie=f"other=1; {COOKIE}").body == b"inside"


def test_the_page_after_the_token_is_on_this_server() -> None:
    for path in ("//evil.example/x", "/\\evil.example", '/"><script>'):
        text = answer(path, query=f"token={TOKEN}").text
        assert "url=/" in text
        assert "url=//" not in text
        assert "<script" not in text


def test_without_a_secret_everyone_may_read() -> None:
    assert answer(token=None).body == b"inside"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"])
def test_only_reading_is_possible(method: str) -> None:
    found = answer(method=method, cookie=COOKIE)
    assert found.status == 405
    assert found.headers["allow"] == "GET, HEAD"
    assert answer(method="HEAD", cookie=COOKIE).status == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:7070", "127.0.0.1.evil.example", None]
)
def test_another_name_is_not_answered(host: str | None) -> None:
    """Also with the cookie, which the browser sends to a name that was rebound."""
    found = answer(host=host, cookie=COOKIE)
    assert found.status == 421
    assert b"inside" not in found.body
    assert answer(host=host, token=None).status == 421


def test_every_answer_has_a_strict_policy() -> None:
    for found in (answer(), answer(cookie=COOKIE), answer(method="POST"), answer(host="evil")):
        policy = found.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script-src 'self'" in policy
        assert "unsafe" not in policy
        assert found.headers["x-content-type-options"] == "nosniff"
        assert found.headers["referrer-policy"] == "no-referrer"
        assert found.headers["cache-control"] == "no-store"
