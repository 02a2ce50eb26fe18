"""The limit on a process's memory (``ulimit -v``), where it is too low to start."""

from __future__ import annotations

import resource

_LEAST = 256 * 2**20
"""Bytes without which not even NumPy can be imported."""


def limited() -> str | None:
    """A sentence on the limit; None where there is none."""
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit == resource.RLIM_INFINITY:
        return None
    return f"this process may use {limit / 2**20:,.0f} MiB of address space; raise ulimit -v"


def too_little() -> str | None:
    """Why dlrun cannot start; None where it can."""
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    if limit == resource.RLIM_INFINITY or limit >= _LEAST:
        return None
    return f"not enough memory to start, at least {_LEAST // 2**20} MiB are needed: {limited()}"
