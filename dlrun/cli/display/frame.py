"""Lines at the end of the output that are drawn again and again, on a screen of changing size."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from rich.cells import cell_len
from rich.console import (
    Console,
    ConsoleDimensions,
    ConsoleOptions,
    ConsoleRenderable,
    RenderableType,
    RenderResult,
)
from rich.control import Control
from rich.live import Live
from rich.segment import ControlType, Segment
from rich.text import Text


class Frame(Live):
    """The last lines of the output, each drawing instead of the one before it.

    A narrower terminal breaks the lines of the last drawing, a lower one moves the first of them
    beyond its upper edge, and a higher one brings them back.  So after a change of size, all lines
    are erased that the last drawing may fill now, together with those that could not be erased
    earlier because they were beyond the edge.  How a terminal
    breaks lines can only be estimated: after several changes of size, a line or two may stay.

    Args:
        console: the terminal.
        screen: makes what is drawn.
    """

    def __init__(self, console: Console, screen: Callable[[], RenderableType]) -> None:
        self._drawn = _Measured(screen)
        self._size: ConsoleDimensions | None = None
        self._beyond: list[int] = []
        super().__init__(self._drawn, console=console, auto_refresh=False)

    def process_renderables(self, renderables: list[ConsoleRenderable]) -> list[ConsoleRenderable]:
        """Add the drawing, and before it the codes that erase the last one."""
        size, before, widths = self.console.size, self._size, self._drawn.widths
        prints = not all(isinstance(each, Control) for each in renderables)
        result = super().process_renderables(renderables)
        if before is not None and widths and size != before:
            self._beyond += widths[-before.height :]
            result[0] = _erase(self._reach(size))
        if prints:  # what is printed is now between the drawing and the lines beyond the edge
            self._beyond.clear()
        self._size = size
        return result

    def _reach(self, size: ConsoleDimensions) -> int:
        """Take the lines that are on the screen from ``_beyond``; returns how many rows they fill.

        A line that is on the screen in part is left with the width of the rest.
        """
        room = size.height
        while self._beyond and room:
            rows = max(1, -(-self._beyond[-1] // size.width))
            if rows > room:
                self._beyond[-1] = (rows - room) * size.width
                return size.height
            del self._beyond[-1]
            room -= rows
        return size.height - room


class _Measured:
    """Something to draw, and the widths of its lines when it was last drawn."""

    def __init__(self, make: Callable[[], RenderableType]) -> None:
        self._make = make
        self.widths: list[int] = []

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        lines = console.render_lines(self._make(), options, pad=False)
        self.widths = [Segment.get_line_length(line) for line in lines]
        for number, line in enumerate(lines):
            if number:
                yield Segment.line()
            yield from line


def _erase(lines: int) -> Control:
    """Erase the cursor's line and those above it, this many in all, and go to the first."""
    up = ((ControlType.CURSOR_UP, 1), (ControlType.ERASE_IN_LINE, 2))
    return Control(ControlType.CARRIAGE_RETURN, (ControlType.ERASE_IN_LINE, 2), *(up * (lines - 1)))


def status_line(parts: Mapping[str, str], shorter: Iterable[tuple[str, str]], width: int) -> Text:
    """Texts side by side on one line; they become shorter until they fit.

    Args:
        parts: texts by name, in order.
        shorter: names with shorter texts, the first to be used first; "" leaves a part out.
        width: characters of a line.
    """
    shown = dict(parts)
    line = "  ".join(shown.values())
    for name, text in shorter:
        if cell_len(line) <= width:
            break
        shown[name] = text if name in shown else ""
        line = "  ".join(filter(None, shown.values()))
    return Text(line, style="faint", no_wrap=True, overflow="ellipsis")
