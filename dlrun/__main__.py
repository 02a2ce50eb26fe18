"""The process: ``dlrun`` and ``python -m dlrun``."""

from __future__ import annotations

import os
import signal
import sys


def main() -> None:
    """Run the command line."""
    # Until training starts, nothing is worth keeping, so Ctrl-C ends the process wherever it is;
    # a KeyboardInterrupt that surfaces in the middle of an import would print a traceback.
    if signal.getsignal(signal.SIGINT) == signal.default_int_handler:
        signal.signal(signal.SIGINT, lambda number, frame: os._exit(128 + number))
    from dlrun.cli.memory import too_little

    if (why := too_little()) is not None:
        sys.stderr.write(f"{why}\n")
        sys.exit(2)
    from dlrun.cli.app import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
