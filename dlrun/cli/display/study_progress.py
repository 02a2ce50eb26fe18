"""The output of a study while it runs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from dlrun.cli.display.study_lines import StudyLines
from dlrun.cli.display.terminal import Mode, OutputError, Terminal
from dlrun.printable import printable
from dlrun.run_directory.json_text import to_json
from dlrun.study.events import Event, JobNoted, StudyEnded, Waiting, as_json

Consumer = Callable[[Event], None]


@contextmanager
def show_study(
    mode: Mode, terminal: Terminal, clock: Callable[[], float] = time.monotonic
) -> Iterator[Consumer]:
    """Show a study: call the function that the block gets with every event, in order.

    If the screen can no longer be written, the study continues without output.

    Args:
        mode: how to show it.
        terminal: where to print.
        clock: seconds that the study has taken so far.
    """
    lines = StudyLines()
    with _screen(mode, terminal, clock) as screen:

        def consume(event: Event) -> None:
            text = [printable(line) for line in lines(event)]
            if mode == "quiet" and isinstance(event, JobNoted):
                for line in text:
                    terminal.error(line)
            try:
                screen(event, text)
            except OutputError as error:
                terminal.error(f"{error}; the study continues")

        yield consume


@contextmanager
def _screen(
    mode: Mode, terminal: Terminal, clock: Callable[[], float]
) -> Iterator[Callable[[Event, Sequence[str]], None]]:
    def plain(_: Event, lines: Sequence[str]) -> None:
        for line in lines:
            terminal.sentence(line)

    def json(event: Event, _: Sequence[str]) -> None:
        if not isinstance(event, Waiting):
            terminal.line(to_json(as_json(event)))

    match mode:
        case "live":
            from dlrun.cli.display.study_live import StudyLive

            with StudyLive(terminal.console, clock) as display:

                def live(event: Event, lines: Sequence[str]) -> None:
                    with terminal.printing():
                        display(event, lines)
                    if isinstance(event, StudyEnded):
                        terminal.styled(lines, event.status)

                yield live
        case "plain":
            yield plain
        case "json":
            yield json
        case "quiet":
            yield lambda event, lines: None
