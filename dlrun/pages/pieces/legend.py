"""The legend of a chart: buttons that hide and show series."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dlrun.pages.markup import Html, tag
from dlrun.pages.pieces.series import Series


def legend(series: Sequence[Series], marks: Mapping[str, float]) -> Html:
    """A button per series or group, with its colour and marker; then the marks.

    Args:
        series: of the chart.
        marks: values of x with a vertical line, by their names.
    """
    names: dict[str, Series] = {}
    for each in series:
        names.setdefault(each.group or each.name, each)
    entries = [
        tag(
            "button",
            [_swatch(each), tag("span", name)],
            type="button",
            data_series=name,
            aria_pressed="true",
        )
        for name, each in names.items()
    ]
    entries += [tag("span", f"┆ {name}") for name in marks]
    return tag("div", entries, class_="legend")


def _swatch(series: Series) -> Html:
    color = f"l{series.color.removeprefix('c')}" if series.color != "ink-soft" else "l6"
    dashes = {"dashed": "5 3", "dotted": "2 2"}.get(series.style)
    shapes = []
    if series.style != "points":
        shapes.append(
            tag("line", x1="0", x2="20", y1="6", y2="6", stroke_width="2", stroke_dasharray=dashes)
        )
    if series.style == "points" or series.marker:
        shapes.append(_shape(series.marker))
    content = tag("g", shapes, class_=color)
    return tag("svg", content, width="20", height="12", aria_hidden="true")


def _shape(marker: str) -> Html:
    if marker == "square":
        return tag("rect", x="6", y="2", width="8", height="8")
    if marker == "triangle":
        return tag("path", d="M6 2 14 2 10 10z")
    if marker == "cross":
        return tag("path", d="M6 2 14 10M14 2 6 10", stroke_width="2")
    return tag("circle", cx="10", cy="6", r="4")
