"""What the screen shows of a study while it runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from dlrun.cli.study_lines import StudyLines
from dlrun.cli.terminal import Mode, OutputError, Terminal
from dlrun.printable import printable
from dlrun.runs.json_text import to_json
from dlrun.study.events import Event, JobNoted, StudyEnded, Waiting, as_json

Consumer = Callable[[Event], None]


@contextmanager
def show_study(mode: Mode, terminal: Terminal) -> Iterator[Consumer]:
    """Show a study: hand every event, in order, to what the block is given.

    Where the screen can no longer be written, the study goes on unseen.

    Args:
        mode: how to show it.
        terminal: where to print.
    """
    lines = StudyLines()
    with _screen(mode, terminal) as screen:

        def consume(event: Event) -> None:
            text = [printable(line) for line in lines(event)]
            if mode == "quiet" and isinstance(event, JobNoted):
                for line in text:
                    terminal.error(line)
            try:
                screen(event, text)
            except OutputError as fault:
                terminal.error(f"{fault}; the study goes on")

        yield consume


@contextmanager
def _screen(mode: Mode, terminal: Terminal) -> Iterator[Callable[[Event, Sequence[str]], None]]:
    def plain(_: Event, lines: Sequence[str]) -> None:
        for line in lines:
            terminal.line(line)

    def json(event: Event, _: Sequence[str]) -> None:
        if not isinstance(event, Waiting):
            terminal.line(to_json(as_json(event)))

    match mode:
        case "live":
            from dlrun.cli.study_live import StudyLive

            with StudyLive(terminal.console) as display:

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
