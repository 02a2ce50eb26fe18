"""Standard output and error: styles, what a terminal can show, and readers that go away.

The only place that looks at ``isatty`` and ``TERM``; ``NO_COLOR`` (https://no-color.org) is obeyed
by rich, which draws everything that has a style and is imported once something has.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TextIO

from dlrun.errors import InputError

if TYPE_CHECKING:
    from rich.console import Console

Mode = Literal["live", "plain", "quiet", "json"]
"""How progress is shown: a display that redraws itself, a line an epoch, nothing, JSON lines."""

WIDEST = 10_000
"""Letters in a line of a table, at most; it takes no more than it needs."""

_STYLES = {
    "error": "red",
    "faint": "dim",
    "heading": "bold",
    "best": "bold green",
    "completed": "bold green",
    "stopped": "bold yellow",
    "diverged": "bold red",
    "bar.complete": "cyan",
    "bar.finished": "green",
}


class OutputError(InputError):
    """Standard output cannot be written: its disk is full, or its terminal is gone."""


class Terminal:
    """Where a command prints.

    When the reader of a pipe goes away, as in ``dlrun train spec.yaml | head``, output ends there
    without an error, and the work, which may be hours of training, goes on.  Any other fault of
    standard output, such as a full disk, is raised once; from then on, output goes nowhere.

    Args:
        out: standard output where None; nowhere where the process has none.
        err: standard error where None; nowhere where the process has none.
    """

    def __init__(self, out: TextIO | None = None, err: TextIO | None = None) -> None:
        self._out = out or sys.stdout or _nowhere()
        self._err = err or sys.stderr or _nowhere()
        for stream in (self._out, self._err):
            if isinstance(stream, io.TextIOWrapper):
                # A class name that the terminal's encoding lacks must not end the run.
                stream.reconfigure(errors="backslashreplace")

    def mode(self, *, plain: bool = False, quiet: bool = False, json: bool = False) -> Mode:
        """How to show progress: as the user asks, otherwise live where the terminal can."""
        if json:
            return "json"
        if quiet:
            return "quiet"
        return "plain" if plain or not self._redraws else "live"

    def line(self, text: str) -> None:
        """Print a line as it is, at once.

        Raises:
            OutputError: standard output cannot be written.
        """
        with self.printing():
            print(text, file=self._out, flush=True)

    def styled(self, lines: Sequence[str], style: str) -> None:
        """Print lines, the first of them in a style.

        Raises:
            OutputError: standard output cannot be written.
        """
        with self.printing():
            for line, its_style in zip(lines, [style, *[""] * len(lines)], strict=False):
                self.console.print(line, style=its_style, markup=False)

    def error(self, text: str) -> None:
        """Print a line to standard error, in red where there are colours."""
        self._tell(text, "error")

    def note(self, text: str) -> None:
        """Print a line to standard error that is no part of the output and no error."""
        self._tell(text, "faint")

    def _tell(self, text: str, style: str) -> None:
        try:
            self._errors.print(
                _visible(text), style=style, markup=False, highlight=False, soft_wrap=True
            )
        except OSError:  # there is nobody left to tell
            _mute(self._err)

    @contextmanager
    def printing(self) -> Iterator[None]:
        """Around what prints to ``console``.

        Raises:
            OutputError: standard output cannot be written.
        """
        try:
            yield
        except BrokenPipeError:
            _mute(self._out)
        except OSError as fault:
            _mute(self._out)
            raise OutputError(f"standard output cannot be written: {fault.strerror}") from fault

    @cached_property
    def console(self) -> Console:
        """Standard output for what has styles, tables and the live display."""
        return _console(self._out)

    @cached_property
    def _errors(self) -> Console:
        return _console(self._err)

    @property
    def _redraws(self) -> bool:
        return self._out.isatty() and os.environ.get("TERM", "") not in ("", "dumb", "unknown")


def _console(stream: TextIO) -> Console:
    from rich.console import Console
    from rich.theme import Theme

    class PipedConsole(Console):
        def on_broken_pipe(self) -> None:
            _mute(stream)

    return PipedConsole(file=stream, theme=Theme(_STYLES), highlight=False)


def _visible(text: str) -> str:
    """The text in one line, whatever names of files and columns have put into it."""
    return "".join(
        each if each.isprintable() else each.encode("unicode_escape").decode() for each in text
    )


def _nowhere() -> TextIO:
    return Path(os.devnull).open("w", encoding="utf-8")


def _mute(stream: TextIO) -> None:
    """Send what is still to come, and what is flushed at exit, to nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
