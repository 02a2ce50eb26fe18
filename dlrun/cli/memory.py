"""The limit on a process's memory (``ulimit -v``), if it is too low to start."""

from __future__ import annotations

import resource

_MINIMUM = 256 * 2**20
"""Bytes; with less, not even NumPy can be imported."""


def limited() -> str | None:
    """A sentence on the limit; None without a limit."""
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit == resource.RLIM_INFINITY:
        return None
    return f"this process may use {limit / 2**20:,.0f} MiB of address space; raise ulimit -v"


def too_little() -> str | None:
    """Why dlrun cannot start; None if it can."""
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit == resource.RLIM_INFINITY or limit >= _MINIMUM:
        return None
    return f"not enough memory to start, at least {_MINIMUM // 2**20} MiB are needed: {limited()}"
