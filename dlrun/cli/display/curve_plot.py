"""Curves by epoch as lines of text: a single one in braille, several as letters."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from dlrun.quantities import number

SEVERAL = "*"
"""The mark where curves cross."""

_BITS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""The dots of a braille letter: rows from the top, columns from the left."""

_Points = set[tuple[int, int]]
"""Column from the left and row from the bottom."""


def curve_plot(
    curves: Mapping[str, Sequence[float]], width: int, height: int = 8, *, braille: bool = True
) -> list[str]:
    """The lines of a plot with its axes; a sentence if nothing is finite.

    Args:
        curves: values by epoch, by mark: one letter.  NaN and infinite values leave a gap.
        width: characters of a line, with the axis.
        height: lines, without the axis.
        braille: whether the terminal can show braille; it is used for a single curve.
    """
    finite = [each for values in curves.values() for each in values if math.isfinite(each)]
    if not finite:
        return ["no finite value"]
    low, high = min(finite), max(finite)
    is_log = low > 0 and high >= 100 * low
    fine = braille and len(curves) == 1
    middle = math.sqrt(low) * math.sqrt(high) if is_log else low / 2 + high / 2
    labels = [number(high), number(middle), number(low)]
    edge = max(map(len, labels)) + 2
    columns, rows = max(8, width - edge), height
    across, up = (2 * columns, 4 * rows) if fine else (columns, rows)
    epochs = max(map(len, curves.values()))
    grid = {
        mark: _drawn([_scaled(each, low, high, log=is_log) for each in values], epochs, across, up)
        for mark, values in curves.items()
    }
    lines = _braille(next(iter(grid.values())), columns, rows) if fine else _letters(grid, rows)
    half = rows - 1 - round((up - 1) / 2) * rows // up
    shown = (
        {half: labels[1]} if low == high else {0: labels[0], half: labels[1], rows - 1: labels[2]}
    )
    drawn = [f"{shown.get(row, ''):>{edge - 2}} |{line}".rstrip() for row, line in enumerate(lines)]
    scale = "  (log scale)" if is_log else ""
    last = f"epoch {epochs}"
    below = f"{'1':<{max(1, columns - len(last))}}{last}" if epochs > 1 else last
    return [*drawn, f"{'':>{edge}}{below}{scale if columns > 40 else ''}".rstrip()]


def _scaled(value: float, low: float, high: float, *, log: bool) -> float:
    """The height of a value, 0 to 1; NaN for one that is not finite."""
    if not math.isfinite(value):
        return math.nan
    if low == high:
        return 0.5
    if log:
        return (math.log(value) - math.log(low)) / (math.log(high) - math.log(low))
    return (value / 2 - low / 2) / (high / 2 - low / 2)  # a difference of halves is finite


def _drawn(heights: Sequence[float], epochs: int, across: int, up: int) -> _Points:
    """The points of a curve; neighbouring epochs are joined."""
    points: _Points = set()
    before: tuple[int, int] | None = None
    for epoch, height in enumerate(heights):
        if math.isnan(height):
            before = None
            continue
        place = round(epoch * (across - 1) / max(1, epochs - 1)), round(height * (up - 1))
        points.update(_line(before or place, place))
        before = place
    return points


def _line(start: tuple[int, int], stop: tuple[int, int]) -> Iterator[tuple[int, int]]:
    steps = max(abs(stop[0] - start[0]), abs(stop[1] - start[1]), 1)
    for step in range(steps + 1):
        part = step / steps
        yield tuple(round(a + (b - a) * part) for a, b in zip(start, stop, strict=True))  # type: ignore[misc]


def _braille(points: _Points, columns: int, rows: int) -> list[str]:
    bits = [[0] * columns for _ in range(rows)]
    for x, y in points:
        from_top = 4 * rows - 1 - y
        bits[from_top // 4][x // 2] |= _BITS[from_top % 4][x % 2]
    return ["".join(chr(0x2800 + each) if each else " " for each in row) for row in bits]


def _letters(grid: Mapping[str, _Points], rows: int) -> list[str]:
    columns = 1 + max(x for points in grid.values() for x, _ in points)
    lines = [[" "] * columns for _ in range(rows)]
    for mark, points in grid.items():
        for x, y in points:
            row = lines[rows - 1 - y]
            row[x] = mark if row[x] in (" ", mark) else SEVERAL
    return ["".join(line) for line in lines]
