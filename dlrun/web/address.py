"""Where the board is: a socket that listens, and the address that a browser opens."""

from __future__ import annotations

import socket
from contextlib import suppress
from dataclasses import dataclass

from dlrun.errors import InputError, MachineError

_BACKLOG = 128
"""Connections that may wait to be accepted."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a board is.

    Attributes:
        host, port: what it is bound to.
        token: the secret; None for none.
    """

    host: str
    port: int
    token: str | None

    @property
    def url(self) -> str:
        """What a browser opens."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        query = "" if self.token is None else f"?token={self.token}"
        return f"http://{host}:{self.port}/{query}"


def bound(host: str, port: int) -> socket.socket:
    """A socket that listens.

    Raises:
        InputError: the host is unknown, or is not one of this machine.
        MachineError: the port is in use, or must not be used.
    """
    try:
        found = socket.getaddrinfo(
            host.strip("[]"), port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
    except (OSError, UnicodeError) as error:
        raise InputError(f"--host {host}: no such host; use 127.0.0.1 or a name of this machine") \
            from error  # fmt: skip
    family, kind, protocol, _, address = found[0]
    listening = socket.socket(family, kind, protocol)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            with suppress(OSError):
                listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        listening.bind(address)
        listening.listen(_BACKLOG)
    except OSError as error:
        listening.close()
        what = error.strerror or str(error)
        raise MachineError(
            f"{host}:{port}: cannot be used: {what.lower()}; choose another --port, or "
            "--port 0 for a free one"
        ) from error
    return listening
