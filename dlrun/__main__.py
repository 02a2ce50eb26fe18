"""The process: ``dlrun`` and ``python -m dlrun``."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Sequence
from types import FrameType

_RESUMABLE = 75  # dlrun.training.stop's, which takes a moment to import
_RESUMED = ("resume", "train", "tune")
"""Commands that a batch system runs again where they end with this code."""


def main() -> None:
    """Run the command line."""
    _end_on_signals(sys.argv[1:])
    from dlrun.cli.app import run

    sys.exit(run(sys.argv[1:]))


def _end_on_signals(words: Sequence[str]) -> None:
    """Until training starts, nothing is worth keeping, so a signal ends the process wherever it is.

    This comes before everything else, imports above all.  An exception that surfaces in the middle
    of an import would print a traceback.  What is ignored, as nohup ignores SIGHUP and a shell
    ignores SIGINT for commands in the background, stays so.
    """
    command = next((word for word in words if not word.startswith("-")), "")
    codes = {signal.SIGINT: 128 + signal.SIGINT}
    if command in _RESUMED:
        asking = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM, signal.SIGUSR1)
        codes = dict.fromkeys(asking, _RESUMABLE)
    for number, code in codes.items():
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _ending(code))


def _ending(code: int) -> Callable[[int, FrameType | None], None]:
    return lambda number, frame: os._exit(code)


if __name__ == "__main__":
    main()
