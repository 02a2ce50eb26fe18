"""The learning curves of a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dlrun.pages.pieces.chart import Axis, Chart
from dlrun.pages.pieces.series import Series, needs_log
from dlrun.pages.pieces.table import table
from dlrun.pages.pieces.text import folded
from dlrun.pages.section import Section, grid, missing

_SETS = (("train", "training", "c0", "dot"), ("validation", "validation", "c1", "square"))


_MARKED = 40
"""Up to this many epochs, each has a marker."""


def curves(columns: Mapping[str, Sequence[float]], best: int | None, detail: str) -> Section:
    """One chart per metric, loss first, and the learning rate.

    Args:
        columns: of metrics.csv.
        best: the best epoch; None or 0 for none.
        detail: names the run.
    """
    epochs = columns.get("epoch", [])
    if not epochs:
        return missing("curves", "Learning curves", "No epoch has ended yet.")
    parts = (name.partition(".") for name in columns)
    names = dict.fromkeys(name for part, _, name in parts if part in ("train", "validation"))
    marks = {f"best epoch {best}": float(best)} if best else {}
    charts = [
        _curve(columns, epochs, name, marks, detail)
        for name in sorted(names, key=lambda name: name != "loss")
    ]
    if "lr" in columns:
        rates = columns["lr"]
        y = Axis("learning rate", needs_log(rates))
        marker = "dot" if len(epochs) <= _MARKED else ""
        line = Series("learning rate", epochs, rates, "c2", marker=marker)
        x = Axis("epoch", integer=True)
        charts.append(Chart("curve-lr", "learning rate", x, y, [line], {}, detail))
    header = list(columns)
    rows = list(zip(*columns.values(), strict=True))[-200:]
    values = folded("Values of the last epochs", table(header, rows))
    return Section("curves", "Learning curves", [grid([c.piece() for c in charts]), values])


def _curve(
    columns: Mapping[str, Sequence[float]],
    epochs: Sequence[float],
    name: str,
    marks: Mapping[str, float],
    detail: str,
) -> Chart:
    series = [
        Series(
            word,
            epochs,
            columns[f"{part}.{name}"],
            color,
            marker=marker if len(epochs) <= _MARKED else "",
        )
        for part, word, color, marker in _SETS
        if f"{part}.{name}" in columns
    ]
    log = needs_log([value for each in series for value in each.y])
    shown = name.replace("_", " ")
    x, y = Axis("epoch", integer=True), Axis(shown, log)
    return Chart(f"curve-{name}", shown, x, y, series, marks, detail)
