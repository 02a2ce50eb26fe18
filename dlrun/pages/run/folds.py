"""The folds of a cross-validation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from dlrun.pages.pieces.chart import Axis, Chart
from dlrun.pages.pieces.series import Series, needs_log
from dlrun.pages.pieces.table import Cell, table
from dlrun.pages.section import Section, grid, missing, note
from dlrun.run_directory.directory import RunDirectory
from dlrun.summaries.run_curves import fold_columns

_MOST = 50
"""Maximum number of folds whose curves are drawn."""


def folds_sections(run: RunDirectory, result: Mapping[str, Any], detail: str) -> Iterator[Section]:
    """Scores with intervals, the table of folds, and their learning curves.

    Args:
        run: the run of all folds.
        result: the content of its result.json; empty without one.
        detail: names the run.

    Raises:
        DataError: the metrics of a fold are broken.
    """
    if result:
        yield _intervals(result)
    yield _curves(run, detail)


def _intervals(result: Mapping[str, Any]) -> Section:
    rows: list[list[Cell]] = []
    intervals = result.get("intervals")
    for name, mean in result["metrics"].items():
        found = intervals.get(name) if isinstance(intervals, Mapping) else None
        known = found if isinstance(found, Mapping) else {}
        rows.append([name, mean, *(_number(known.get(key)) for key in ("low", "high", "n"))])
    text = "Means over the folds, with 95 % intervals."
    header = ["score", "mean", "low", "high", "folds"]
    return Section("intervals", "Scores over folds", [note(text), table(header, rows)])


def _curves(run: RunDirectory, detail: str) -> Section:
    found = fold_columns(run, _MOST)
    names = dict.fromkeys(key for _, each in found for key in each if key.startswith("validation."))
    if not names:
        return missing("curves", "Learning curves", "No fold has a finished epoch.")
    charts = []
    for name in names:
        series = [
            Series(fold, columns["epoch"], columns[name], f"c{place % 8}")
            for place, (fold, columns) in enumerate(found)
            if name in columns and "epoch" in columns
        ]
        y = Axis(name, needs_log([value for each in series for value in each.y]))
        x = Axis("epoch", integer=True)
        charts.append(Chart(f"fold-{name}", name, x, y, series, {}, detail).piece())
    return Section("curves", "Learning curves of the folds", [grid(charts)])


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) else None
