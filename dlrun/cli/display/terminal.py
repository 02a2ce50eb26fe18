"""Standard output and error: styles, what a terminal can show, and readers that go away.

All output goes through here.  Text from files, names and messages cannot send commands to the
terminal: characters that are not printable are escaped, in lines, tables, displays and errors alike
(see ``printable``).

This is the only place that reads ``isatty`` and ``TERM``.  rich draws everything that has a style
and is imported when it is first needed; it obeys ``NO_COLOR`` (https://no-color.org).
"""

from __future__ import annotations

import io
import os
import shutil
import sys
import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TextIO

from dlrun.errors import InputError
from dlrun.printable import printable

if TYPE_CHECKING:
    from rich.console import Console

Mode = Literal["live", "plain", "quiet", "json"]
"""How progress is shown: a display that redraws itself, plain lines, only errors, JSON lines."""

WIDEST = 10_000
"""Characters in a line of a table, at most."""


def line_width() -> int:
    """Characters in a line of the terminal; many if there is none."""
    return shutil.get_terminal_size((WIDEST, 24)).columns


_LONGEST = 4_000
"""Characters of an error or a note; a longer one is cut in the middle."""
_KEPT = 1_500
"""Characters that are kept at either end: the place, and what to do."""

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
    """Standard output cannot be written: the disk is full, or the terminal is closed."""


class Terminal:
    """Where a command prints.

    When the reader of a pipe ends, as in ``dlrun train spec.yaml | head``, output ends without an
    error, and the work, which may be hours of training, continues.  Any other error of standard
    output, such as a full disk, is raised once; after that, output is discarded.

    Args:
        out: None is standard output, or nowhere if the process has none.
        err: None is standard error, or nowhere if the process has none.

    Attributes:
        is_gone: whether standard output can no longer be written, or has no reader.
    """

    def __init__(self, out: TextIO | None = None, err: TextIO | None = None) -> None:
        self._out = out or sys.stdout or _nowhere()
        self._err = err or sys.stderr or _nowhere()
        self.is_gone = False
        for stream in (self._out, self._err):
            if isinstance(stream, io.TextIOWrapper):
                # A class name that the terminal's encoding cannot show must not end the run.
                stream.reconfigure(errors="backslashreplace")

    def mode(self, *, plain: bool = False, quiet: bool = False, json: bool = False) -> Mode:
        """How to show progress: as the options ask, otherwise live if the terminal can redraw."""
        if json:
            return "json"
        if quiet:
            return "quiet"
        return "plain" if plain or not self._redraws else "live"

    def shows(self, text: str) -> bool:
        """Whether the encoding of standard output has all letters of a text."""
        try:
            text.encode(getattr(self._out, "encoding", None) or "utf-8")
        except UnicodeEncodeError:
            return False
        return True

    @property
    def ellipsis(self) -> str:
        """What stands for the middle of a shortened text."""
        return "…" if self.shows("…") else "..."

    def line(self, text: str) -> None:
        """Print a line at once.

        Raises:
            OutputError: standard output cannot be written.
        """
        self._print(printable(text))

    def sentence(self, text: str) -> None:
        """Print a line at once; a terminal that is too narrow for it gets several, cut at spaces.

        Raises:
            OutputError: standard output cannot be written.
        """
        whole = printable(text)
        if self._out.isatty():
            cut = textwrap.wrap(whole, line_width(), break_long_words=False, break_on_hyphens=False)
            whole = "\n".join(cut)
        self._print(whole)

    def lines(self, text: str) -> None:
        """Print text with its line ends, at once.

        Raises:
            OutputError: standard output cannot be written.
        """
        self._print(_shown(text))

    def data(self, text: str) -> None:
        """Print data for another program, unchanged; on a terminal as ``lines`` does.

        Raises:
            OutputError: standard output cannot be written.
        """
        self._print(_shown(text) if self._out.isatty() else text)

    def _print(self, text: str) -> None:
        with self.printing():
            print(text, file=self._out, flush=True)

    def styled(self, lines: Sequence[str], style: str) -> None:
        """Print lines, the first of them in a style.

        Raises:
            OutputError: standard output cannot be written.
        """
        with self.printing():
            for line, its_style in zip(lines, [style, *[""] * len(lines)], strict=False):
                self.console.print(printable(line), style=its_style, markup=False)

    def error(self, text: str) -> None:
        """Print a line to standard error, in red if the terminal has colours."""
        self._print_error(text, "error", whole=True)

    def note(self, text: str) -> None:
        """Print a sentence to standard error that is neither output nor an error."""
        self._print_error(text, "faint", whole=not self._err.isatty())

    def _print_error(self, text: str, style: str, *, whole: bool) -> None:
        shown = printable(text if len(text) <= _LONGEST else _cut(text))
        try:
            self._errors.print(shown, style=style, markup=False, highlight=False, soft_wrap=whole)
        except OSError:  # standard error is closed
            _mute(self._err)

    @contextmanager
    def printing(self) -> Iterator[None]:
        """A context for printing to ``console``.

        Raises:
            OutputError: standard output cannot be written.
        """
        try:
            yield
        except BrokenPipeError:
            self.is_gone = True
            _mute(self._out)
        except OSError as error:
            self.is_gone = True
            _mute(self._out)
            raise OutputError(f"standard output cannot be written: {error.strerror}") from error

    @cached_property
    def console(self) -> Console:
        """Standard output for styles, tables and the live display."""
        return _console(self._out)

    @cached_property
    def _errors(self) -> Console:
        return _console(self._err)

    @property
    def _redraws(self) -> bool:
        return self._out.isatty() and os.environ.get("TERM", "") not in ("", "dumb", "unknown")


def warn(
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    """A replacement for ``warnings.showwarning``: a line on standard error."""
    Terminal().note(f"{category.__name__}: {message}")


def _console(stream: TextIO) -> Console:
    from rich.console import Console, ConsoleOptions, RenderableType
    from rich.segment import Segment
    from rich.text import Text
    from rich.theme import Theme

    class EscapingConsole(Console):
        def on_broken_pipe(self) -> None:
            _mute(stream)

        def render_str(self, text: str, **options: Any) -> Text:  # before widths are measured
            return super().render_str(_shown(text), **options)

        def render(
            self, renderable: RenderableType, options: ConsoleOptions | None = None
        ) -> Iterator[Segment]:
            for segment in super().render(renderable, options):
                if segment.control or segment.text.isprintable():
                    yield segment
                else:
                    yield Segment(_shown(segment.text), segment.style)

    return EscapingConsole(file=stream, theme=Theme(_STYLES), highlight=False)


def _shown(text: str) -> str:
    """The text with its line ends; other control characters are escaped."""
    return "\n".join(map(printable, text.split("\n")))


def _cut(text: str) -> str:
    return f"{text[:_KEPT]} ... ({len(text):,} letters) ... {text[-_KEPT:]}"


def _nowhere() -> TextIO:
    return Path(os.devnull).open("w", encoding="utf-8")


def _mute(stream: TextIO) -> None:
    """Discard all later output, including what is flushed at exit."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)
