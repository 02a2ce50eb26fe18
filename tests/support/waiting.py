"""Waiting for what another process does."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

_LONGEST = 900.0
"""Seconds, far more than needed: the time limit of a test is the one that counts."""


def wait_for(what: Callable[[], Any], process: Any = None) -> Any:
    """Look until there is something, and give it; the process must not end before."""
    deadline = time.monotonic() + _LONGEST
    while not (found := what()):
        assert time.monotonic() < deadline
        assert process is None or process.poll() is None, process.communicate()
        time.sleep(0.1)
    return found
