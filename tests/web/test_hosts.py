from __future__ import annotations

import pytest

from dlrun.web.hosts import allowed_names, is_allowed, is_any, is_loopback


@pytest.mark.parametrize(
    ("bound", "header", "allowed"),
    [
        ("127.0.0.1", "127.0.0.1:7070", True),
        ("127.0.0.1", "localhost", True),
        ("127.0.0.1", "LOCALHOST.:9999", True),
        ("127.0.0.1", "[::1]:7070", True),
        ("127.0.0.1", "192.168.0.2:7070", False),
        ("127.0.0.1", "evil.example", False),
        ("127.0.0.1", "", False),
        ("localhost", "127.0.0.1", True),
        ("::1", "[::1]", True),
        ("gpu1.example", "gpu1.example:7070", True),
        ("gpu1.example", "localhost", False),
        ("0.0.0.0", "192.168.0.2:7070", True),
        ("0.0.0.0", "evil.example", False),
        ("::", "[fe80::1]:7070", True),
    ],
)
def test_a_server_has_the_names_that_it_is_bound_to(bound: str, header: str, allowed: bool) -> None:
    names = allowed_names(bound)
    assert is_allowed(header, names, addresses=is_any(bound)) == allowed


def test_loopback() -> None:
    assert all(map(is_loopback, ("127.0.0.1", "127.1.2.3", "::1", "localhost")))
    assert not any(map(is_loopback, ("0.0.0.0", "::", "gpu1", "10.0.0.1")))
