"""Shows a run's events on the screen."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, NamedTuple

from dlrun.cli.display.terminal import Mode, OutputError, Terminal
from dlrun.launch.lines import Lines
from dlrun.nn.kernels import machine_code
from dlrun.run_directory.directory import RunDirectory
from dlrun.run_directory.json_text import to_json
from dlrun.training.events import (
    EpochEnded,
    Event,
    Restarted,
    RunEnded,
    RunStarted,
    as_json,
)

if TYPE_CHECKING:
    from dlrun.cli.display.live import LiveDisplay

Consumer = Callable[[Event], None]

_PATIENCE = 10.0
"""Seconds without output while kernels are compiled, at most."""


class _Screen(NamedTuple):
    """The output that the user sees.

    Attributes:
        show: shows an event, given the event and its lines of plain text; a step has no lines.
        compiling: shows that a kernel is compiled; called within a step, on any thread.
    """

    show: Callable[[Event, Sequence[str]], None]
    compiling: machine_code.Watcher


@contextmanager
def show(
    mode: Mode,
    run: RunDirectory,
    terminal: Terminal,
    clock: Callable[[], float] | None = None,
) -> Iterator[Consumer]:
    """Show a run: call the function that the block gets with every event, in order.

    If the screen can no longer be written, the run continues without output.

    Args:
        mode: how to show it.
        run: the run; its path is shown.
        terminal: where to print.
        clock: seconds that training has taken so far; None for those of this process.
    """
    lines = Lines(run.path)
    with _screen(mode, run, terminal, clock) as screen, machine_code.watched(screen.compiling):

        def consume(event: Event) -> None:
            try:
                screen.show(event, lines(event))
            except OutputError as error:
                terminal.error(f"{error}; training continues, see {run.log_file}")

        yield consume


@contextmanager
def _screen(
    mode: Mode, run: RunDirectory, terminal: Terminal, clock: Callable[[], float] | None
) -> Iterator[_Screen]:
    match mode:
        case "live":
            from dlrun.cli.display.live import LiveDisplay

            with LiveDisplay(terminal.console, clock) as display:
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
        return "compiling kernels for this machine, once; dlrun warmup does it in advance"
    return f"compiling kernels, which cannot be kept ({obstacle}; see DLRUN_CACHE)"


def _nothing(*_: object) -> None:
    """Show nothing."""
