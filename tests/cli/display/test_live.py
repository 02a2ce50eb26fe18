from __future__ import annotations

import io
import math
import re
from collections.abc import Callable

import pytest

from dlrun.cli.display import live
from dlrun.cli.display.live import LiveDisplay
from dlrun.cli.display.terminal import Terminal
from dlrun.run_directory.ending import Ending
from dlrun.training.events import EpochEnded, RunEnded, RunStarted, StepEnded

ERASED = re.compile(r"\r?\x1b\[2K(?:\x1b\[1A\x1b\[2K)*")
CODE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
STARTED = RunStarted("digits", 40, 50, {"train": 64}, 99, "validation.loss", 8)
ENDED = RunEnded("completed", Ending("epochs", 40), "all epochs are done", 40, 2, {}, 3.0)


class Screen(io.StringIO):
    """A terminal that remembers what was drawn."""

    def isatty(self) -> bool:
        return True

    def frames(self) -> list[list[str]]:
        """The screens, one after the other, as their lines without codes."""
        return [CODE.sub("", frame).splitlines() for frame in ERASED.split(self.getvalue())]


class Clock:
    """Stands for the time, so that no test waits for it."""

    def __init__(self) -> None:
        self.now = 100.0

    def perf_counter(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(live, "time", clock)
    return clock


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Callable[[int, int], Screen]:
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")

    def of_size(columns: int, lines: int) -> Screen:
        monkeypatch.setenv("COLUMNS", str(columns))
        monkeypatch.setenv("LINES", str(lines))
        return Screen()

    return of_size


def epoch(number: int, best: int = 2) -> EpochEnded:
    value = 0.25 if number == best else 0.5
    row = {"epoch": number, "step": 50 * number, "seconds": 1.0 * number, "lr": 1e-3}
    row |= {"train.loss": 0.5, "validation.loss": value, "validation.accuracy": math.nan}
    return EpochEnded(number, row, number == best, min(number, best), 0.25, 8 - number)


def test_bar_and_status_say_where_training_is(
    screen: Callable[[int, int], Screen], clock: Clock
) -> None:
    out = screen(120, 40)
    with LiveDisplay(Terminal(out).console) as display:
        display(STARTED)
        assert out.frames()[-1][0].startswith("epoch 1/40 ")
        assert out.frames()[-1][0].endswith(" step  0/50")
        display(epoch(1))
        display(epoch(2))
        clock.now += 30
        display(StepEnded(3, 25, 0.75))
        *_, bar, status = out.frames()[-1]
    assert bar.startswith("epoch 3/40 ")
    assert bar.endswith(" step 25/50")
    # 125 of 2000 steps took 30 s, so 1875 take 450 s.
    assert status == (
        "loss 0.7500  best validation.loss 0.2500 (epoch 2)  patience 6  30.0s  max 7m30s left"
    )


def test_a_note_is_drawn_at_once_and_stays_until_the_next_event(
    screen: Callable[[int, int], Screen], clock: Clock
) -> None:
    out = screen(120, 40)
    with LiveDisplay(Terminal(out).console) as display:
        display(STARTED)
        display.note("compiling conv.unroll")
        assert out.frames()[-1][-1] == "compiling conv.unroll"
        clock.now += 1
        display(StepEnded(1, 1, 0.5))
        assert "compiling" not in "".join(out.frames()[-1])


def test_it_draws_at_most_ten_times_a_second(
    screen: Callable[[int, int], Screen], clock: Clock
) -> None:
    out = screen(100, 40)
    with LiveDisplay(Terminal(out).console) as display:
        display(STARTED)
        before = len(out.frames())
        for step in range(10_000):  # a second in steps of 100 us
            clock.now += 1e-4
            display(StepEnded(1, step, 0.5))
        assert 8 <= len(out.frames()) - before <= 10


def test_it_draws_less_often_where_drawing_is_slow(
    screen: Callable[[int, int], Screen], clock: Clock
) -> None:
    out = screen(100, 40)

    class Slow(Screen):
        def flush(self) -> None:
            clock.now += 0.05

    slow = Slow()
    with LiveDisplay(Terminal(slow, out).console) as display:
        display(STARTED)
        began, drawn = clock.now, len(slow.frames())
        for step in range(100_000):
            clock.now += 1e-4
            display(StepEnded(1, step, 0.5))
        drawings = len(slow.frames()) - drawn
        assert drawings >= 1
        assert drawings * 0.05 <= 0.05 * (clock.now - began)


def test_the_end_leaves_the_table_alone(screen: Callable[[int, int], Screen], clock: Clock) -> None:
    out = screen(100, 40)
    with LiveDisplay(Terminal(out).console) as display:
        display(STARTED)
        for number in range(1, 31):
            display(StepEnded(number, 50, 0.5))
            display(epoch(number))
        display(ENDED)
    last = out.frames()[-1]
    assert not any("step" in line or "left" in line for line in last)
    firsts = [line.split()[0] for line in last[3:] if line]
    assert firsts == ["1", "*", *map(str, range(3, 31))]
    assert out.getvalue().endswith("\x1b[?25h")


@pytest.mark.parametrize(("lines", "rows"), [(20, 12), (50, 42), (100, 92)])
def test_a_higher_screen_shows_more_epochs(
    screen: Callable[[int, int], Screen], clock: Clock, lines: int, rows: int
) -> None:
    out = screen(100, lines)
    with LiveDisplay(Terminal(out).console) as display:
        display(STARTED)
        for number in range(1, 151):
            display(epoch(number))
        clock.now += 1
        display(StepEnded(151, 1, 0.5))
    firsts = [line.split()[0] for line in out.frames()[-1][3:-2]]
    assert firsts == ["*", "...", *map(str, range(151 - rows + 2, 151))]


@pytest.mark.parametrize(
    ("columns", "status"),
    [
        (
            85,
            "loss 0.7500  best validation.loss 0.2500 (epoch 2)  patience 6  30.0s  max 7m30s left",
        ),
        (84, "loss 0.7500  best validation.loss 0.2500 (epoch 2)  30.0s  max 7m30s left"),
        (70, "loss 0.7500  best validation.loss 0.2500  30.0s  max 7m30s left"),
        (60, "loss 0.7500  best validation.loss 0.2500  max 7m30s left"),
        (50, "best validation.loss 0.2500  max 7m30s left"),
        (30, "best validation.loss 0.2500  …"),
    ],
)
def test_the_status_is_one_line_without_its_less_important_parts(
    screen: Callable[[int, int], Screen], clock: Clock, columns: int, status: str
) -> None:
    out = screen(columns, 40)
    with LiveDisplay(Terminal(out).console) as display:
        display(STARTED)
        display(epoch(1))
        display(epoch(2))
        clock.now += 30
        display(StepEnded(3, 25, 0.75))
        *_, bar, last = out.frames()[-1]
    assert (bar.split()[0], last) == ("epoch", status)


def test_a_long_note_is_one_line(screen: Callable[[int, int], Screen], clock: Clock) -> None:
    out = screen(40, 40)
    with LiveDisplay(Terminal(out).console) as display:
        display(STARTED)
        display.note("compiling kernels for this machine, once: conv.unroll")
        assert out.frames()[-1][-1] == "compiling kernels for this machine, onc…"


def test_a_run_that_ends_before_its_first_epoch(
    screen: Callable[[int, int], Screen], clock: Clock
) -> None:
    out = screen(100, 40)
    with LiveDisplay(Terminal(out).console) as display:
        display(STARTED)
        display(ENDED)
    assert "".join(out.frames()[-1]).strip() == ""


def test_an_error_gives_the_cursor_back(screen: Callable[[int, int], Screen], clock: Clock) -> None:
    out = screen(100, 40)
    with pytest.raises(KeyboardInterrupt), LiveDisplay(Terminal(out).console) as display:
        display(STARTED)
        display(epoch(1))
        raise KeyboardInterrupt
    assert out.getvalue().endswith("\x1b[?25h")
    assert "epoch 1/40" in "\n".join(out.frames()[-1])


@pytest.mark.parametrize(("columns", "lines"), [(120, 40), (60, 18), (60, 10), (40, 12)])
def test_every_frame_fits_the_terminal(
    screen: Callable[[int, int], Screen], clock: Clock, columns: int, lines: int
) -> None:
    out = screen(columns, lines)
    with LiveDisplay(Terminal(out).console) as display:
        display(STARTED)
        for number in range(1, 40):
            for step in (1, 25, 50):
                clock.now += 1
                display(StepEnded(number, step, 0.5))
            display(epoch(number))
    frames = out.frames()
    assert len(frames) > 100
    for frame in frames:
        assert len(frame) <= lines
        assert all(len(line) <= columns for line in frame)
    assert any("validation" in line for line in frames[-1])


def test_a_terminal_that_changes_its_size(
    screen: Callable[[int, int], Screen], clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = screen(120, 40)
    console = Terminal(out).console
    with LiveDisplay(console) as display:
        display(STARTED)
        display(epoch(1))
        clock.now += 1
        display(StepEnded(2, 1, 0.5))
        assert any("lr" in line for line in out.frames()[-1])
        console.width = 70
        clock.now += 1
        display(StepEnded(2, 2, 0.5))
        assert any("lr" in line for line in out.frames()[-1])
        console.width = 45
        clock.now += 1
        display(StepEnded(2, 3, 0.5))
        assert not any("lr" in line for line in out.frames()[-1])
        assert all(len(line) <= 45 for line in out.frames()[-1])
