"""Predicted against true values, and residuals."""

from __future__ import annotations

import numpy as np

from dlrun.arrays import Array
from dlrun.pages.pieces.chart import Axis, Chart
from dlrun.pages.pieces.series import Series
from dlrun.pages.pieces.table import number
from dlrun.pages.pieces.text import cards
from dlrun.pages.run.samples import Predicted
from dlrun.pages.section import Section, grid, missing, note

_POINTS = 3_000
"""Maximum number of points in a chart."""
_BINS = 30
TITLE = "Predicted and true values"


def regression_section(predicted: Predicted, detail: str) -> Section:
    """Scatter of predicted against true values, residuals and their distribution.

    Args:
        predicted: values in the shape of the targets.
        detail: names the run.
    """
    true, said, of = predicted.values()
    if not len(true):
        return missing("quality", TITLE, "All steps of these samples are padding.")
    error = said - true
    values = true.size
    kept = np.unique(np.linspace(0, values - 1, min(values, _POINTS)).astype(np.int64))
    x, y, residual = (each.reshape(-1)[kept] for each in (true, said, error))
    texts = [f"sample {predicted.rows[of[place // true.shape[1]]]}" for place in kept]
    ends = [float(min(x.min(), y.min())), float(max(x.max(), y.max()))]
    ideal = Series("predicted = true", ends, ends, "ink-soft", "dotted", quiet=True, width=1.2)
    points = Series("samples", x.tolist(), y.tolist(), "c0", "points", text=texts, alpha=0.65)
    zero = [float(y.min()), float(y.max())]
    none = Series("no error", zero, [0.0, 0.0], "ink-soft", "dotted", quiet=True, width=1.2)
    off = Series("samples", y.tolist(), residual.tolist(), "c0", "points", text=texts, alpha=0.65)
    charts = [
        Chart(
            "true",
            TITLE,
            Axis("true"),
            Axis("predicted"),
            [ideal, points],
            {},
            detail,
        ),
        Chart(
            "residuals",
            "Residuals",
            Axis("predicted"),
            Axis("predicted - true"),
            [none, off],
            {},
            detail,
        ),
        _histogram(error.reshape(-1), detail),
    ]
    spread = float(np.sum((true - true.mean(axis=0)) ** 2))
    summary = {
        "R² of these samples": number(1 - float(np.sum(error**2)) / spread) if spread else "",
        "mean absolute error": number(float(np.abs(error).mean())),
        "root mean squared error": number(float(np.sqrt(np.mean(error**2)))),
        "mean of predicted - true": number(float(error.mean())),
    }
    remarks = [note(predicted.remark)]
    if true.shape[1] > 1:
        each = "sample" if predicted.mask is None else "step"
        remarks.append(note(f"Each {each} has {true.shape[1]} values, which are shown together."))
    if predicted.mask is not None:
        remarks.append(note("Each step of a sample is a point; padding is left out."))
    if len(kept) < values:
        remarks.append(note(f"{len(kept)} of {values} values are drawn, evenly spaced."))
    pieces = [*remarks, cards(summary), grid([chart.piece() for chart in charts])]
    return Section("quality", TITLE, pieces)


def _histogram(error: Array, detail: str) -> Chart:
    counts, edges = np.histogram(error, _BINS)
    x = np.concatenate([edges[:1], edges])
    y = np.concatenate([[0], counts, [0]])
    series = Series("values", x.tolist(), y.tolist(), "c0", "step")
    y_axis = Axis("number of values", include=(0.0,), integer=True)
    return Chart(
        "errors",
        "Distribution of residuals",
        Axis("predicted - true"),
        y_axis,
        [series],
        {},
        detail,
    )
