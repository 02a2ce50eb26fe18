"""The process: ``dlrun`` and ``python -m dlrun``."""

from __future__ import annotations

import gc
import os
import signal
import sys

_RESUMED = ("resume", "train", "tune")
"""Commands that end with code 75 on a signal, so that batch systems run them again."""

_ASKING = (signal.SIGHUP, signal.SIGINT, signal.SIGTERM, signal.SIGUSR1)
"""Signals that ask a process to end."""

_UNCOLLECTED = 10_000
"""New containers after which garbage is collected."""
_STARTED = 100_000
"""New containers before garbage is collected for the first time: imports make most of them, none of
them garbage.  With the 700 of Python 3.11, collections are a tenth of a start."""


def main() -> None:
    """Run the command line."""
    _collect_late()
    _leave_out_the_working_directory()
    _end_on_signals(sys.argv[1:])
    from dlrun.cli.exit_codes import ExitCode
    from dlrun.cli.memory import too_little

    if (why := too_little()) is not None:
        sys.stderr.write(f"{why}\n")
        sys.exit(ExitCode.INPUT_ERROR)
    from dlrun.libraries import leave_out_settings

    leave_out_settings()
    import warnings

    from dlrun.cli.app import run
    from dlrun.cli.display.terminal import warn

    warnings.showwarning = warn

    code = run(sys.argv[1:], _restart)
    gc.freeze()  # or the interpreter would look for garbage once more before it ends
    sys.exit(code)


def _collect_late() -> None:
    """Collect no garbage while a command starts, and then less often than by default."""

    def collected(phase: str, info: dict[str, int]) -> None:
        gc.callbacks.remove(collected)
        gc.set_threshold(_UNCOLLECTED, *gc.get_threshold()[1:])

    gc.set_threshold(_STARTED, *gc.get_threshold()[1:])
    gc.callbacks.append(collected)


def _restart() -> None:
    """Replace this process by one that runs the same command with portable numerics.

    The process ID stays the same, so shells and batch systems notice nothing.  No command has
    written anything by then.  Returns if the system cannot do it.
    """
    from contextlib import suppress

    from dlrun.portable import environment

    variables = environment(os.environ)
    if not sys.flags.safe_path:  # as this process was started; see the next function
        variables.pop("PYTHONSAFEPATH", None)
    sys.stdout.flush()
    # A signal waits until the new process has its handlers, see ``_end_on_signals``.
    signal.pthread_sigmask(signal.SIG_BLOCK, _ASKING)
    with suppress(OSError, TypeError):  # TypeError: Python does not know its own path
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], variables)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _ASKING)


def _leave_out_the_working_directory() -> None:
    """Import nothing from the working directory, here and in child processes.

    ``python -m`` puts it first in the path, so that a file ``yaml.py`` there would replace the
    library.  This runs before any import that the interpreter has not made automatically.
    """
    try:
        here = os.getcwd()  # noqa: PTH109
    except OSError:  # it was removed, so nothing can be imported from it
        here = ""
    if not sys.flags.safe_path and sys.path[:1] == [here]:
        del sys.path[0]
        home = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120
        if home not in sys.path:  # dlrun is not installed and runs from here: it comes last
            sys.path.append(home)
    os.environ.setdefault("PYTHONSAFEPATH", "1")


def _end_on_signals(words: list[str]) -> None:
    """Until training starts, nothing has to be saved, so a signal ends the process at once.

    This runs before all heavy imports: an exception in the middle of an import would print a
    traceback.  Ignored signals stay ignored: nohup ignores SIGHUP, and a shell ignores SIGINT for
    commands in the background.
    """
    from dlrun.cli.exit_codes import ExitCode, ended_by

    command = next((word for word in words if not word.startswith("-")), "")
    codes = {signal.SIGINT: ended_by(signal.SIGINT)}
    if command in _RESUMED:
        codes = dict.fromkeys(_ASKING, int(ExitCode.STOPPED))

    def end(number: int, frame: object) -> None:
        os._exit(codes[signal.Signals(number)])

    for number in codes:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, end)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _ASKING)


if __name__ == "__main__":
    main()
