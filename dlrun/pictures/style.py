"""What all pictures have in common: colours, titles, legends, frames."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from matplotlib import colormaps
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter

from dlrun.pictures.log_ticks import number
from dlrun.printable import printable, shortened

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap

_LETTER = 0.087
"""Approximate width of a character of the title in inches."""
_TITLE = 0.62
"""Height of the title in inches."""
ENTRY = 0.24
"""Height of a line of the legend in inches."""
_NARROW, _HANDLE = 0.067, 0.5
"""Approximate width of a character of the legend, and of a symbol with its gaps, in inches."""


def scores_map(*, low_is_dark: bool) -> Colormap:
    """Viridis from its dark to its middle colours; its light ones are hard to see on white."""
    shades = [colormaps["viridis"](0.66 * step / 15) for step in range(16)]
    return LinearSegmentedColormap.from_list("scores", shades if low_is_dark else shades[::-1])


def titled(figure: Figure, what: str, which: str) -> None:
    """Write two lines above a figure: what it shows, and of which run or study."""
    width, height = figure.get_size_inches()
    room = int((width - 0.2) / _LETTER)
    lines = "\n".join(shortened(line, room) for line in (what, which))
    figure.suptitle(lines, fontsize=11, y=1 - 0.1 / height, va="top", parse_math=False)


def framed(
    what: str,
    which: str,
    *,
    panels: int = 1,
    size: tuple[float, float] = (6.3, 3.4),
    lines: int = 0,
    left: float = 0.75,
    right: float = 0.2,
    below: float = 0.55,
) -> tuple[Figure, list[Axes]]:
    """A figure with panels in a row, below a title and room for a legend.

    All distances are in inches: Matplotlib would draw everything twice to determine them, and
    labels can be placed before anything is drawn.

    Args:
        what: the picture shows.
        which: run or study it shows.
        panels: their number.
        size: width and height of a panel without its labels.
        lines: of the legend above the panels.
        left: room on the left side of each panel.
        right: room on the right side of each panel.
        below: room below the panels.
    """
    step = left + size[0] + right
    width, height = panels * step, _TITLE + ENTRY * lines + size[1] + below
    figure = Figure(figsize=(width, height), dpi=120)
    titled(figure, what, which)
    shape = (size[0] / width, size[1] / height)
    return figure, [
        tidy(figure.add_axes(((left + step * place) / width, below / height, *shape)))
        for place in range(panels)
    ]


def tidy(axes: Axes) -> Axes:
    """A panel with a light grid and without a frame."""
    axes.grid(color="0.88", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    return axes


def legend_above(axes: Axes, columns: int) -> None:
    """Place the legend above a panel, where it hides nothing."""
    handles, labels = axes.get_legend_handles_labels()
    low, high = axes.get_ylim()
    if axes.get_yscale() == "linear" and not 1e-3 <= max(abs(low), abs(high)) < 1e5:
        # Otherwise their common factor would be above the axis, where the legend is.
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: number(value)))
    if handles:
        box = axes.legend(
            handles,
            [printable(label) for label in labels],
            frameon=False,
            loc="lower left",
            bbox_to_anchor=(0.0, 1.0),
            borderaxespad=0.1,
            ncols=columns,
            fontsize=_fitting(axes, labels, columns),
            columnspacing=1.4,
            handletextpad=0.5,
            labelspacing=0.3,
        )
        for text in box.get_texts():
            text.set_parse_math(False)


def _fitting(axes: Axes, labels: Sequence[str], columns: int) -> float:
    """The size of the font with which all columns fit into the figure."""
    high = rows(len(labels), columns)
    longest = [max(map(len, labels[at : at + high])) for at in range(0, len(labels), high)]
    needed = len(longest) * _HANDLE + _NARROW * sum(longest)
    figure = axes.figure
    assert isinstance(figure, Figure)
    room = float((1 - axes.get_position().x0) * figure.get_figwidth())
    return max(6.0, min(9.0, 9.0 * room / needed))


def rows(entries: int, columns: int) -> int:
    """Lines of a legend."""
    return math.ceil(entries / columns)
