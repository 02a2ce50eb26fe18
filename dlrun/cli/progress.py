"""The consumers of a run's events: what the screen shows of them, and log.txt."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, NamedTuple

from dlrun.cli.lines import Lines
from dlrun.cli.terminal import Mode, OutputError, Terminal
from dlrun.nn.kernels import machine_code
from dlrun.printable import printable
from dlrun.runs.directory import RunDirectory
from dlrun.runs.json_text import to_json
from dlrun.training.events import (
    EpochEnded,
    Event,
    Restarted,
    RunEnded,
    RunStarted,
    as_json,
)

if TYPE_CHECKING:
    from dlrun.cli.live import LiveDisplay

Consumer = Callable[[Event], None]

_PATIENCE = 10.0
"""Seconds without a word while kernels are compiled, at most."""


class _Screen(NamedTuple):
    """What the user looks at.

    Attributes:
        show: shows an event, given itself and its lines of plain text; a step has none.
        compiling: says that a kernel is compiled, within a step, on any thread.
    """

    show: Callable[[Event, Sequence[str]], None]
    compiling: machine_code.Watcher


@contextmanager
def show(mode: Mode, run: RunDirectory, terminal: Terminal) -> Iterator[Consumer]:
    """Show a run: hand every event, in order, to what the block is given.

    log.txt gets the plain form, whatever the screen shows.  Where the screen can no longer be
    written, the run goes on unseen.

    Args:
        mode: how to show it.
        run: the run; its path is shown and its log is written.
        terminal: where to print.
    """
    lines = Lines(run.path)
    with _screen(mode, run, terminal) as screen, machine_code.watched(screen.compiling):

        def consume(event: Event) -> None:
            text = [printable(line) for line in lines(event)]
            if text:
                run.log("\n".join(text))
            try:
                screen.show(event, text)
            except OutputError as fault:
                terminal.error(f"{fault}; training goes on, see {run.log_file}")

        yield consume


@contextmanager
def _screen(mode: Mode, run: RunDirectory, terminal: Terminal) -> Iterator[_Screen]:
    match mode:
        case "live":
            from dlrun.cli.live import LiveDisplay

            with LiveDisplay(terminal.console) as display:
                yield _live(terminal, display)
        case "plain":
            yield _plain(terminal)
        case "json":
            yield _Screen(_json(terminal, run), _nothing)
        case "quiet":
            yield _Screen(_quiet(terminal, run), _nothing)


def _quiet(terminal: Terminal, run: RunDirectory) -> Callable[[Event, Sequence[str]], None]:
    def show(event: Event, _: Sequence[str]) -> None:
        if isinstance(event, RunEnded) and event.status == "diverged":
            terminal.error(f"{run.path}: diverged: {event.reason}")

    return show


def _live(terminal: Terminal, display: LiveDisplay) -> _Screen:
    def show(event: Event, lines: Sequence[str]) -> None:
        if isinstance(event, RunStarted):
            terminal.styled(lines, "heading")
        if isinstance(event, Restarted):
            terminal.styled(lines, "diverged")
        with terminal.printing():
            display(event)
        if isinstance(event, RunEnded):
            terminal.styled(lines, event.status)

    def compiling(kernel: str) -> None:
        with suppress(OutputError), terminal.printing():  # the next event says that it is gone
            display.note(f"{_compiling()}: {kernel}")

    return _Screen(show, compiling)


def _plain(terminal: Terminal) -> _Screen:
    def show(_: Event, lines: Sequence[str]) -> None:
        for line in lines:
            terminal.line(line)

    silent_since = -math.inf

    def compiling(kernel: str) -> None:
        nonlocal silent_since
        now = time.monotonic()
        if now - silent_since >= _PATIENCE:
            terminal.note(f"{_compiling()}: {kernel}")
            silent_since = now

    return _Screen(show, compiling)


def _json(terminal: Terminal, run: RunDirectory) -> Callable[[Event, Sequence[str]], None]:
    def show(event: Event, _: Sequence[str]) -> None:
        if isinstance(event, RunStarted | EpochEnded | Restarted | RunEnded):
            place = {} if isinstance(event, EpochEnded | Restarted) else {"directory": run.path}
            terminal.line(to_json({**as_json(event), **place}))

    return show


def _compiling() -> str:
    obstacle = machine_code.obstacle()
    if obstacle is None:
        return "compiling kernels for this machine, once; dlrun warmup does it beforehand"
    return f"compiling kernels, which cannot be kept ({obstacle}; see DLRUN_CACHE)"


def _nothing(*_: object) -> None:
    """Show nothing."""
