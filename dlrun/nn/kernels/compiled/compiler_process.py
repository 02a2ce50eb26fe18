"""A process that compiles kernels into the cache for another one; see ``preparation``.

Each line of input is the words of a need.  For each, lines of JSON go out: the name of every kernel
that is compiled, and ``null`` when the need is fulfilled.  The process ends with its input, also if
the other process was killed.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import sys

from dlrun.nn.kernels import machine_code, numba_kernels
from dlrun.nn.kernels.compiled.needs import understood


def main() -> None:
    """Fulfil the needs on standard input."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the other process decides
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a library prints is not a reply

    def reply(content: str | None) -> None:
        replies.write(json.dumps(content) + "\n")
        replies.flush()

    gc.disable()
    numba_kernels()
    reply(None)
    with machine_code.watched(reply):
        for line in sys.stdin:
            understood(line).fulfil()
            reply(None)
