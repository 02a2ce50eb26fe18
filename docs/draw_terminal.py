"""Draw the README's pictures from a real training: ``make pictures``.

The program runs in a pseudo-terminal, a terminal emulator reads what it writes, and what is then
on the emulator's screen goes into an SVG, once in the middle of the run and once at its end.  The
learning curve is the one that the run drew itself.
"""

from __future__ import annotations

import fcntl
import io
import os
import pty
import re
import shutil
import struct
import sys
import tempfile
import termios
from itertools import groupby
from pathlib import Path
from string import hexdigits

import pyte
from rich.console import Console
from rich.style import Style
from rich.terminal_theme import MONOKAI
from rich.text import Text

ROOT = Path(__file__).parents[1]
IMAGES = Path(__file__).parent / "images"

SPEC = "experiments/quickstart/digits-cnn.yaml"
COMMAND = f"dlrun train {SPEC}"
COLUMNS, ROWS = 100, 30
MIDDLE = 20
"""The epoch behind which the first picture is taken."""

_NAMES = {"brown": "yellow"}
"""Colors that the emulator calls otherwise than rich."""


def main() -> None:
    """Train once and write all pictures."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "experiments").symlink_to(ROOT / "experiments")
        middle, end = _screens(Path(folder))
        _draw(middle, IMAGES / "training.svg")
        _draw(end, IMAGES / "trained.svg")
        (run,) = Path(folder, "runs").glob("*/*")
        shutil.copyfile(run / "plots" / "learning-curve.png", IMAGES / "learning-curve.png")


def _screens(folder: Path) -> tuple[list[Text], list[Text]]:
    """What the terminal shows in the middle of the run, and at its end."""
    screen = pyte.Screen(COLUMNS, ROWS)
    stream = pyte.ByteStream(screen)
    stream.feed(f"$ {COMMAND}\r\n".encode())
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(folder)
        os.environ.update(TERM="xterm-256color", COLUMNS=str(COLUMNS), LINES=str(ROWS))
        os.environ.pop("NO_COLOR", None)
        os.execv(sys.executable, [sys.executable, "-m", *COMMAND.split()])
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    middle: list[Text] = []
    while content := _read(terminal):
        stream.feed(content)
        shown = _lines(screen)
        reached = re.search(r"epoch (\d+)/", "".join(screen.display))
        whole = shown[-1].plain.endswith("left")  # not in the middle of being drawn
        if not middle and reached and int(reached[1]) > MIDDLE and whole:
            middle = shown
    os.waitpid(child, 0)
    return middle, _lines(screen)


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # Linux says so where the other side is closed
        return b""


def _lines(screen: pyte.Screen) -> list[Text]:
    """The screen down to its last line that is not empty, with its styles."""
    lines = []
    for row in range(ROWS):
        cells = [screen.buffer[row][column] for column in range(COLUMNS)]
        line = Text()
        for (color, bold), alike in groupby(cells, lambda cell: (cell.fg, cell.bold)):
            line.append("".join(cell.data for cell in alike), Style(color=_color(color), bold=bold))
        line.rstrip()
        lines.append(line)
    while lines and not lines[-1].plain:
        lines.pop()
    return lines


def _color(name: str) -> str | None:
    """The emulator's name of a color, which may be six hexadecimal digits, as rich's."""
    if name == "default":
        return None
    return f"#{name}" if len(name) == 6 and set(name) <= set(hexdigits) else _NAMES.get(name, name)


def _draw(lines: list[Text], path: Path) -> None:
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True)
    for line in lines:
        console.print(line, highlight=False)
    path.parent.mkdir(exist_ok=True)
    console.save_svg(str(path), title="dlrun", theme=MONOKAI, unique_id=path.stem)


if __name__ == "__main__":
    main()
