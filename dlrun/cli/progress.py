"""The consumers of a run's events: what the screen shows of them, and log.txt."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from dlrun.cli.lines import Lines
from dlrun.cli.terminal import Mode, OutputError, Terminal
from dlrun.runs.directory import RunDirectory
from dlrun.runs.json_text import to_json
from dlrun.training.events import EpochEnded, Event, RunEnded, RunStarted, StepEnded, as_json

Consumer = Callable[[Event], None]
_Screen = Callable[[Event, Sequence[str]], None]
"""Shows an event, given itself and its lines of plain text; a step has none."""


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
    with _screen(mode, run, terminal) as screen:

        def consume(event: Event) -> None:
            text = lines(event)
            if text:
                run.log("\n".join(text))
            try:
                screen(event, text)
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
            yield _json(terminal, run)
        case "quiet":
            yield _quiet


def _live(terminal: Terminal, display: Consumer) -> _Screen:
    def show(event: Event, lines: Sequence[str]) -> None:
        if isinstance(event, RunStarted):
            terminal.styled(lines, "heading")
        with terminal.printing():
            display(event)
        if isinstance(event, RunEnded):
            terminal.styled(lines, event.status)

    return show


def _plain(terminal: Terminal) -> _Screen:
    def show(_: Event, lines: Sequence[str]) -> None:
        for line in lines:
            terminal.line(line)

    return show


def _json(terminal: Terminal, run: RunDirectory) -> _Screen:
    def show(event: Event, _: Sequence[str]) -> None:
        if not isinstance(event, StepEnded):
            place = {} if isinstance(event, EpochEnded) else {"directory": run.path}
            terminal.line(to_json({**as_json(event), **place}))

    return show


def _quiet(_event: Event, _lines: Sequence[str]) -> None:
    """Show nothing."""
