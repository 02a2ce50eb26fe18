"""Showing a run or a study that is followed, and the exit code at its end."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from types import FrameType
from typing import Any

from dlrun.cli.display.terminal import Mode, Terminal
from dlrun.cli.exit_codes import ExitCode, ended_by
from dlrun.cli.study_end import show_end
from dlrun.following.events import Killed
from dlrun.following.run import RunFollower
from dlrun.following.study import StudyFollower
from dlrun.run_directory.directory import RunDirectory
from dlrun.run_directory.json_text import to_json
from dlrun.study.events import StudyEnded
from dlrun.training.events import RunEnded

_CODES = {"completed": ExitCode.DONE, "diverged": ExitCode.TRAINING_FAILED}


@contextmanager
def interruptible() -> Iterator[None]:
    """Within the block, a signal ends the process after the terminal is restored."""

    def end(number: int, _: FrameType | None) -> None:
        raise SystemExit(ended_by(number))

    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.getsignal(number) for number in numbers}
    for number, handler in before.items():
        if handler != signal.SIG_IGN:
            signal.signal(number, end)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def watch_run(
    follower: RunFollower, events: Iterator[Any], mode: Mode, terminal: Terminal
) -> ExitCode:
    """Show the events of a run; returns the exit code of its training.

    Args:
        follower: of the run.
        events: what happens in it.
        mode: how to show it.
        terminal: where to print.
    """
    from dlrun.cli.display.progress import show

    run = RunDirectory(follower.path)
    return _watch(events, lambda: show(mode, run, terminal, follower.clock), mode, terminal)


def watch_study(
    follower: StudyFollower, events: Iterator[Any], mode: Mode, terminal: Terminal
) -> ExitCode:
    """Show the events of a study, and at its end the leaderboard; returns the code of ``tune``.

    Args:
        follower: of the study.
        events: what happens in it.
        mode: how to show it.
        terminal: where to print.
    """
    from dlrun.cli.display.study_progress import show_study

    code = _watch(events, lambda: show_study(mode, terminal, follower.clock), mode, terminal)
    if code is not ExitCode.DONE or terminal.is_gone:
        return code
    return show_end(follower.path, mode, terminal)


def _watch(
    events: Iterator[Any],
    showing: Callable[[], AbstractContextManager[Callable[[Any], None]]],
    mode: Mode,
    terminal: Terminal,
) -> ExitCode:
    """Show events; after each end, a run or a study that is resumed gets another display."""
    code, event = ExitCode.DONE, next(events, None)
    while event is not None and not terminal.is_gone:
        with showing() as consume:
            while not (event is None or isinstance(event, Killed) or terminal.is_gone):
                consume(event)
                if isinstance(event, RunEnded | StudyEnded):
                    code = _CODES.get(event.status, ExitCode.STOPPED)
                    break
                event = next(events, None)
        if isinstance(event, Killed):
            _show_killed(event, mode, terminal)
            code = ExitCode.STOPPED
        event = next(events, None)
    return ExitCode.DONE if terminal.is_gone else code


def _show_killed(event: Killed, mode: Mode, terminal: Terminal) -> None:
    if mode == "json":
        terminal.line(to_json(event.as_json()))
    else:
        terminal.error(event.line)
