"""Labels of points that overlap neither each other nor other points."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_Box = tuple[float, float, float, float]

_LETTER, _HEIGHT, _GAP = 6.0, 9.0, 4.0
"""Size of a character and distance from the point, in points of 1/72 inch."""


def label(
    axes: Axes, points: Sequence[tuple[float, float, str]], others: Sequence[tuple[float, float]]
) -> int:
    """Write each text next to its point, if there is room; earlier points come first.

    Everything that determines the limits of the axes must have been drawn.

    Args:
        axes: of a figure with a fixed size.
        points: x, y and text.
        others: all drawn points, which no text may cover.

    Returns:
        How many texts have been left out.
    """
    assert axes.figure is not None
    scale = 72 / axes.figure.dpi
    axes.get_xlim()  # computes limits that are due; transData alone would use the old ones
    axes.get_ylim()

    def place(x: float, y: float) -> tuple[float, float]:
        across, up = axes.transData.transform((x, y))
        return float(across) * scale, float(up) * scale

    frame = axes.get_window_extent()
    inside = (frame.x0 * scale, frame.y0 * scale, frame.x1 * scale, frame.y1 * scale)
    taken: list[_Box] = [(x - 3, y - 3, x + 3, y + 3) for x, y in (place(*each) for each in others)]
    left_out = 0
    for across, up, text in points:
        x, y = place(across, up)
        for corner, box in _around(x, y, _LETTER * len(text)):
            if _within(box, inside) and not any(_overlap(box, other) for other in taken):
                taken.append(box)
                horizontal = "left" if corner[0] >= 0 else "right"
                vertical = "bottom" if corner[1] >= 0 else "top"
                axes.annotate(
                    text,
                    (across, up),
                    (_GAP * corner[0], _GAP * corner[1]),
                    textcoords="offset points",
                    fontsize=8.5,
                    ha=horizontal,
                    va=vertical,
                )
                break
        else:
            left_out += 1
    return left_out


def _around(x: float, y: float, width: float) -> list[tuple[tuple[int, int], _Box]]:
    """The boxes of a text at the four corners of a point, each with its direction."""
    found = []
    for dx, dy in ((1, 1), (-1, 1), (1, -1), (-1, -1)):
        xs = sorted((x + dx * _GAP, x + dx * (_GAP + width)))
        ys = sorted((y + dy * _GAP, y + dy * (_GAP + _HEIGHT)))
        found.append(((dx, dy), (xs[0], ys[0], xs[1], ys[1])))
    return found


def _within(box: _Box, frame: _Box) -> bool:
    margin = 8.0  # a text may stick out into the margins
    return (
        box[0] >= frame[0] - margin
        and box[1] >= frame[1]
        and box[2] <= frame[2] + margin
        and box[3] <= frame[3] + margin / 4
    )


def _overlap(one: _Box, other: _Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
