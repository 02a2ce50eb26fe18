"""Horizontal bars and dots as SVG, which need no script."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from dlrun.pages.markup import Html, tag
from dlrun.pages.section import Piece

_WIDTH, _LEFT, _RIGHT, _ROW = 760.0, 210.0, 70.0, 22.0


@dataclass(frozen=True, slots=True)
class Bar:
    """A row.

    Attributes:
        name: on the left.
        value: length of the bar.
        low, high: ends of an interval; None for none.
    """

    name: str
    value: float
    low: float | None = None
    high: float | None = None


def bars(title: str, unit: str, rows: Sequence[Bar]) -> Piece:
    """Bars from 0, with intervals if there are any.

    Args:
        title: above them.
        unit: below the axis.
        rows: from top to bottom.
    """
    most = max((max(row.value, row.high or 0.0) for row in rows), default=1.0) or 1.0
    scale = (_WIDTH - _LEFT - _RIGHT) / most
    made: list[Html] = []
    for place, row in enumerate(rows):
        top = place * _ROW
        made.append(_label(row.name, top))
        made.append(_bar(_LEFT, top + 4, max(1.0, row.value * scale), "f0"))
        if row.low is not None and row.high is not None:
            ends = [_LEFT + end * scale for end in (row.low, row.high)]
            made.append(_line(ends[0], top + 11, ends[1], top + 11, "ink"))
        at = _LEFT + max(row.value, row.high or 0.0) * scale + 6
        made.append(_text(f"{row.value:.2g}", at, top + 15))
    return _figure(title, unit, made, len(rows))


def dots(
    title: str, unit: str, names: Sequence[str], columns: Sequence[tuple[str, Sequence[float]]]
) -> Piece:
    """Positive values on a logarithmic axis: one row per name, one mark per column.

    Args:
        title: above them.
        unit: below the axis.
        names: of the rows.
        columns: at most two names with one value per row; zeros and NaN have no mark.
    """
    known = [v for _, values in columns for v in values if v > 0 and math.isfinite(v)]
    low = math.floor(math.log10(min(known, default=1.0)))
    high = max(low + 1, math.ceil(math.log10(max(known, default=10.0))))
    scale = (_WIDTH - _LEFT - _RIGHT) / (high - low)
    made: list[Html] = []
    bottom = len(names) * _ROW
    step = max(1, math.ceil((high - low) / 8))
    for power in range(low, high + 1, step):
        x = _LEFT + (power - low) * scale
        made.append(_line(x, 0, x, bottom, "rule"))
        made.append(_text(f"1e{power}", x - 12, bottom + 14, "soft"))
    for place, name in enumerate(names):
        made.append(_label(name, place * _ROW))
        for number, (_, values) in enumerate(columns):
            value = values[place]
            if not (value > 0 and math.isfinite(value)):
                continue
            x, y = _LEFT + (math.log10(value) - low) * scale, place * _ROW + 11
            made.append(_mark(number, x, y, f"{columns[number][0]}: {value:.3g}"))
    legend = " and ".join(
        f"{name} ({shape})" for (name, _), shape in zip(columns, ("dots", "squares"), strict=False)
    )
    return _figure(title, f"{legend}, {unit}", made, len(names), 20.0)


def _mark(number: int, x: float, y: float, hint: str) -> Html:
    title = tag("title", hint)
    if number == 0:
        return tag("g", [tag("circle", cx=x, cy=y, r="5"), title], class_="f0")
    shape = tag("rect", x=x - 4.5, y=y - 4.5, width="9", height="9")
    return tag("g", [shape, title], class_="f1")


def _figure(title: str, unit: str, made: list[Html], rows: int, more: float = 0.0) -> Piece:
    height = rows * _ROW + more
    svg = tag(
        "svg",
        made,
        viewBox=f"0 0 {_WIDTH:g} {height:g}",
        class_="bars",
        role="img",
        aria_label=title,
    )
    caption = tag("figcaption", [tag("span", title), tag("small", unit)])
    return Piece(tag("figure", [caption, svg]))


def _label(name: str, top: float) -> Html:
    shown = name if len(name) <= 32 else f"…{name[-31:]}"
    return tag("text", [shown, tag("title", name)], x=_LEFT - 8, y=top + 15, text_anchor="end")


def _bar(x: float, y: float, width: float, class_: str) -> Html:
    return tag("rect", x=x, y=y, width=width, height="14", rx="2", class_=class_)


def _line(x1: float, y1: float, x2: float, y2: float, class_: str) -> Html:
    return tag("line", x1=x1, y1=y1, x2=x2, y2=y2, class_=class_, stroke_width="1.5")


def _text(text: str, x: float, y: float, class_: str | None = None) -> Html:
    return tag("text", text, x=x, y=y, class_=class_)
