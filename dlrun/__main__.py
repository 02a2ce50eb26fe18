"""The process: ``dlrun`` and ``python -m dlrun``."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Run the command line."""
    _leave_out_the_working_directory()
    import signal
    import warnings

    # Until training starts, nothing is worth keeping, so Ctrl-C ends the process wherever it is;
    # a KeyboardInterrupt that surfaces in the middle of an import would print a traceback.
    if signal.getsignal(signal.SIGINT) == signal.default_int_handler:
        signal.signal(signal.SIGINT, lambda number, frame: os._exit(128 + number))
    from dlrun.cli.app import run
    from dlrun.cli.terminal import warn

    warnings.showwarning = warn

    sys.exit(run(sys.argv[1:]))


def _leave_out_the_working_directory() -> None:
    """Import nothing from the folder where the command is given, here and in child processes.

    ``python -m`` puts it first, where a stranger's ``yaml.py`` would be in the place of ours.
    """
    if not sys.flags.safe_path and sys.path[:1] == [os.getcwd()]:  # noqa: PTH109
        del sys.path[0]
        home = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120
        if home not in sys.path:  # dlrun is not installed but lies here: it comes last
            sys.path.append(home)
    os.environ.setdefault("PYTHONSAFEPATH", "1")


if __name__ == "__main__":
    main()
