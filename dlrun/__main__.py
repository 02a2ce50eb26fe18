"""The process: ``dlrun`` and ``python -m dlrun``."""

from __future__ import annotations

import os
import sys

_RESUMABLE = 75  # dlrun.training.stop's, which takes a moment to import
_RESUMED = ("resume", "train", "tune")
"""Commands that a batch system runs again where they end with this code."""


def main() -> None:
    """Run the command line."""
    _leave_out_the_working_directory()
    _end_on_signals(sys.argv[1:])
    from dlrun.cli.memory import too_little

    if (why := too_little()) is not None:
        sys.stderr.write(f"{why}\n")
        sys.exit(2)
    from dlrun.libraries import leave_out_settings

    leave_out_settings()
    import warnings

    from dlrun.cli.app import run
    from dlrun.cli.terminal import warn

    warnings.showwarning = warn

    sys.exit(run(sys.argv[1:]))


def _leave_out_the_working_directory() -> None:
    """Import nothing from the folder where the command is given, here and in child processes.

    ``python -m`` puts it first, where a stranger's ``yaml.py`` would be in the place of ours.  This
    comes before every import that the interpreter has not made by itself.
    """
    try:
        here = os.getcwd()  # noqa: PTH109
    except OSError:  # it has been removed, and nothing can be imported from it
        here = ""
    if not sys.flags.safe_path and sys.path[:1] == [here]:
        del sys.path[0]
        home = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120
        if home not in sys.path:  # dlrun is not installed but lies here: it comes last
            sys.path.append(home)
    os.environ.setdefault("PYTHONSAFEPATH", "1")


def _end_on_signals(words: list[str]) -> None:
    """Until training starts, nothing is worth keeping, so a signal ends the process wherever it is.

    This comes before all heavy imports: an exception that surfaces in the middle of an import would
    print a traceback.  What is ignored, as nohup ignores SIGHUP and a shell ignores SIGINT for
    commands in the background, stays so.
    """
    import signal

    command = next((word for word in words if not word.startswith("-")), "")
    codes = {signal.SIGINT: 128 + signal.SIGINT}
    if command in _RESUMED:
        asking = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM, signal.SIGUSR1)
        codes = dict.fromkeys(asking, _RESUMABLE)

    def end(number: int, frame: object) -> None:
        os._exit(codes[signal.Signals(number)])

    for number in codes:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, end)


if __name__ == "__main__":
    main()
