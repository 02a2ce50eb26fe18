from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tmux import Tmux

from dlrun.cli.display.frame import status_line

PROGRAM = """
import sys
from rich.console import Group
from rich.text import Text
from dlrun.cli.display.frame import Frame
from dlrun.cli.display.terminal import Terminal

console = Terminal().console
number = 0

def screen():
    size = console.size
    rows = max(1, size.height - 3)
    wide = "-" * (size.width - 12)
    return Group(*(Text(f"row {n} of {number} {wide}", no_wrap=True) for n in range(rows)))

console.print("before")
frame = Frame(console, screen)
frame.start()
for line in sys.stdin:
    number += 1
    if line.strip():
        console.print(line.strip())
    else:
        frame.refresh()
    sys.stdin.flush()
frame.stop()
"""


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Tmux]:
    """A frame that is drawn with every line that is typed; the typing is not shown."""
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    command = f"stty -echo; exec '{sys.executable}' '{program}'"
    with Tmux(tmp_path, ["sh", "-c", command], 80, 30) as terminal:
        terminal.wait("before")
        drawn(terminal, 1, 27)
        yield terminal


def drawn(terminal: Tmux, number: int, rows: int) -> list[str]:
    """The screen after the drawing of this number, which has so many rows."""
    terminal.press("Enter")
    return terminal.wait(f"row {rows - 1} of {number} ")


def stale(lines: list[str], number: int) -> list[str]:
    """Lines of earlier drawings, also what a narrow terminal has broken off from them."""
    return [line for line in lines if line != "before" and f"of {number} " not in line and line]


@pytest.mark.parametrize(
    "sizes",
    [
        [(120, 50)],
        [(60, 30)],
        [(80, 12)],
        [(50, 20), (100, 40), (70, 12), (120, 50)],
        [(40, 10), (80, 30)],
        [(80, 12), (80, 50), (30, 20), (120, 60)],
    ],
    ids=str,
)
def test_no_line_of_an_earlier_drawing_stays_on_the_screen(
    terminal: Tmux, sizes: list[tuple[int, int]]
) -> None:
    for number, size in enumerate(sizes, start=2):
        terminal.resize(*size)
        lines = drawn(terminal, number, size[1] - 3)
        assert stale(lines, number) == []
        assert len([line for line in lines if f"of {number} " in line]) == size[1] - 3


def test_what_is_printed_meanwhile_stays(terminal: Tmux) -> None:
    terminal.resize(60, 12)
    terminal.type("a message")
    terminal.press("Enter")
    terminal.wait("row 8 of 2")
    terminal.resize(100, 60)
    lines = drawn(terminal, 3, 57)
    assert "a message" in lines
    after = lines[lines.index("a message") + 1 :]
    assert stale(after, 3) == []
    assert len(after) == 57


def test_a_line_becomes_shorter_until_it_fits() -> None:
    parts = {"a": "aaaa", "b": "bbbb (more)", "c": "cccc"}
    shorter = [("absent", "text"), ("c", ""), ("b", "bbbb")]
    assert status_line(parts, shorter, 23).plain == "aaaa  bbbb (more)  cccc"
    assert status_line(parts, shorter, 22).plain == "aaaa  bbbb (more)"
    assert status_line(parts, shorter, 16).plain == "aaaa  bbbb"
    assert status_line(parts, shorter, 5).plain == "aaaa  bbbb"
