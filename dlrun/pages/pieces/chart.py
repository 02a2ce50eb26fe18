"""Charts of lines and points, which the page's script draws with uPlot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dlrun.pages.markup import tag
from dlrun.pages.pieces.legend import legend
from dlrun.pages.pieces.series import Series
from dlrun.pages.section import Piece


@dataclass(frozen=True, slots=True)
class Axis:
    """An axis.

    Attributes:
        label: name and unit.
        log: whether its scale is logarithmic.
        integer: whether only whole numbers are labelled.
        include: values that it shows in any case.
        ends: of the axis, if it leaves some values out; None for the extent of all values.
        names: of the values 0, 1, and so on, if it shows categories; otherwise empty.
    """

    label: str
    log: bool = False
    integer: bool = False
    include: Sequence[float] = ()
    names: Sequence[str] = ()
    ends: tuple[float, float] | None = None

    def data(self) -> dict[str, Any]:
        """The axis as plain data."""
        return {
            "label": self.label,
            "scale": "log" if self.log else "linear",
            "integer": self.integer or bool(self.names),
            "include": self.include,
            "ends": self.ends,
            "names": self.names or None,
        }


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart.

    Attributes:
        anchor: its ID in the page, after ``chart-``.
        title: above it.
        x, y: its axes.
        series: in drawing order.
        marks: values of x with a vertical line, by their names.
        detail: a line below the title, such as which run it is of.
    """

    anchor: str
    title: str
    x: Axis
    y: Axis
    series: Sequence[Series]
    marks: Mapping[str, float] = field(default_factory=dict)
    detail: str = ""

    def data(self) -> dict[str, Any]:
        """The chart as plain data for the script, or for a program that updates it."""
        return {
            "x": self.x.data(),
            "y": self.y.data(),
            "series": [each.data() for each in self.series],
            "marks": [{"x": place, "label": name} for name, place in self.marks.items()],
        }

    def piece(self) -> Piece:
        """The figure with title, legend and an empty element that the script fills."""
        identity = f"chart-{self.anchor}"
        detail = [tag("small", self.detail)] if self.detail else []
        caption = tag("figcaption", [tag("span", self.title), *detail])
        label = f"{self.title}: {self.y.label} by {self.x.label}"
        body = tag("div", "", id=identity, class_="chart", data_chart=True, aria_label=label)
        html = tag("figure", [caption, legend(self.series, self.marks), body])
        return Piece(html, {identity: self.data()})
