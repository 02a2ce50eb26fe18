"""The pictures of the experiment on the whole recipe."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from dlrun.intervals import Estimate, estimate
from dlrun.pictures.palette import COLORS
from dlrun.pictures.style import framed, legend_above
from experiments.all_together.measured import Measured
from experiments.bands import band_of

MARKERS = ("o", "s", "^")
_APART = 0.24
"""Distance of the tasks within a row."""


def draw_ladder(measured: Sequence[Measured]) -> Figure:
    """Test error and epochs to the target after each step."""
    rows = measured[0].ladder
    figure, (errors, epochs) = _two_panels(
        "One ingredient after the other", "mean over seeds with 95 % interval", rows
    )
    _points(errors, measured, rows, lambda on, row: estimate(_errors(on, row), of=on.scale))
    errors.set_xscale("log")
    errors.set_xlim(0.01, 1.05)
    errors.set_xticks([0.02, 0.05, 0.1, 0.2, 0.5, 1.0], ["2", "5", "10", "20", "50", "100"])
    errors.minorticks_off()
    errors.set_xlabel("test error in % (log scale)", fontsize=9)
    _points(epochs, measured, rows, lambda on, row: on.reached_mean(row))
    last = measured[0].epochs
    epochs.axvline(last + 1, color="0.4", linewidth=0.9, linestyle=":")
    epochs.set_xlim(0, last + 3)
    epochs.set_xlabel(f"epochs to the target (dotted: not in {last})", fontsize=9)
    legend_above(errors, len(measured))
    return figure


def draw_without(measured: Sequence[Measured]) -> Figure:
    """What the full recipe loses without each ingredient."""
    rows = list(measured[0].without)
    figure, (lost, epochs) = _two_panels(
        "The full recipe without one ingredient",
        "mean difference to the full recipe over seeds, paired, with 95 % interval",
        rows,
    )
    _points(lost, measured, rows, _lost)
    lost.axvline(0.0, color="0.4", linewidth=0.9)
    lost.set_xlabel("test accuracy lost, in points (of 100)", fontsize=9)
    _points(epochs, measured, rows, lambda on, row: on.later(row))
    epochs.axvline(0.0, color="0.4", linewidth=0.9)
    epochs.set_xlabel("epochs later at the target", fontsize=9)
    legend_above(lost, len(measured))
    return figure


def _errors(on: Measured, row: str) -> list[float]:
    return [1 - each for each in on.accuracy(row)]


def _lost(on: Measured, row: str) -> Estimate:
    found = on.lost(row)
    low, high = (None if end is None else 100 * end for end in (found.low, found.high))
    return Estimate(100 * found.mean, low, high, found.n)


def _two_panels(what: str, which: str, rows: Sequence[str]) -> tuple[Figure, list[Axes]]:
    figure, panels = framed(
        what, which, panels=2, size=(2.6, 3.3), lines=1, left=1.2, right=0.1
    )  # fmt: skip
    for place, axes in enumerate(panels):
        box = axes.get_position()
        # Both panels move to the right, since only the first one has labels.
        axes.set_position((box.x0 + (0.12 if place == 0 else 0.0), box.y0, box.width, box.height))
        axes.set_ylim(len(rows) - 0.5, -0.5)
        labels = [row.removeprefix("without ") if place == 0 else "" for row in rows]
        axes.set_yticks(range(len(rows)), labels)
        axes.tick_params(labelsize=9)
    return figure, panels


def _points(
    axes: Axes,
    measured: Sequence[Measured],
    rows: Sequence[str],
    of: Callable[[Measured, str], Estimate],
) -> None:
    for place, on in enumerate(measured):
        found = band_of(of(on, row) for row in rows)
        y = [row + _APART * (place - (len(measured) - 1) / 2) for row in range(len(rows))]
        axes.errorbar(
            found.mean, y, xerr=found.bars, fmt=MARKERS[place], color=COLORS[place], markersize=4.5,
            linewidth=1.2, capsize=2, label=on.task.title,
        )  # fmt: skip
