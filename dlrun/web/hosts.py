"""Which names a request may use for this server.

A page of a stranger can give its own name the address 127.0.0.1 (DNS rebinding); then the browser
asks this server, under that name.  Addresses in numbers cannot be rebound.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Set

_LOOPBACK = frozenset(("localhost", "127.0.0.1", "::1"))


def allowed_names(host: str) -> Set[str]:
    """The names and addresses of a server that is bound to a host.

    Args:
        host: a name or an address; ``0.0.0.0`` and ``::`` are all addresses of the machine.
    """
    name = host.strip("[]").lower()
    if is_loopback(name):
        return _LOOPBACK | {name}
    if is_any(name):
        return _LOOPBACK | {socket.gethostname().lower(), socket.getfqdn().lower()}
    return frozenset((name,))


def is_allowed(header: str, names: Set[str], *, addresses: bool) -> bool:
    """Whether a ``Host`` header has an allowed name; any port may follow it, as a tunnel has one.

    Args:
        header: its value.
        names: the allowed names.
        addresses: whether any address in numbers is allowed.
    """
    name, colon, port = header.lower().rpartition(":")
    if not colon or not port.isdecimal():
        name = header.lower()
    if name.startswith("[") and name.endswith("]"):
        name = name[1:-1]
    name = name.rstrip(".")
    if name in names:
        return True
    return addresses and _address(name) is not None


def is_loopback(host: str) -> bool:
    """Whether only programs of this machine can reach a host."""
    address = _address(host)
    return host == "localhost" if address is None else address.is_loopback


def is_any(host: str) -> bool:
    """Whether a host is all addresses of the machine."""
    address = _address(host)
    return address is not None and address.is_unspecified


def _address(name: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(name)
    except ValueError:
        return None
