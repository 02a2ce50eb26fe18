"""Pictures of early stopping."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator, NullFormatter, ScalarFormatter

from dlrun.intervals import Scale, estimate
from dlrun.pictures.palette import COLORS
from dlrun.pictures.style import framed, legend_above
from experiments.bands import band_of, draw_band
from experiments.early_stopping.followed import Curves

Points = Mapping[float, Sequence[float]]
"""Values by seed at each place of the horizontal axis."""

_LOOKS = (("-", "o"), ("--", "s"), (":", "^"))


def draw_curves(tasks: Mapping[str, Sequence[Curves]]) -> Figure:
    """Losses by epoch, one panel per task, with the epoch at which the mean is lowest."""
    figure, panels = framed(
        "Loss by epoch on 128 training and 32 validation samples",
        "mean over seeds with 95 % interval; markers: lowest mean",
        panels=len(tasks),
        size=(1.88, 2.6),
        lines=1,
        left=0.58,
        right=0.14,
    )
    sets = (("train", 2), ("validation", 1), ("test", 0))
    for place, (axes, (name, curves)) in enumerate(zip(panels, tasks.items(), strict=True)):
        top = 0.0
        for (part, color), (line, marker) in zip(sets, _LOOKS[::-1], strict=True):
            rows = [each[f"{part}.loss"] for each in curves]
            points = {float(epoch): row for epoch, row in enumerate(_columns(rows), start=1)}
            means = _banded(axes, points, color, line, "", f"{part} loss")
            if part != "train":
                best = min(means, key=lambda epoch: means[epoch])
                axes.plot([best], [means[best]], marker, color=COLORS[color], markersize=7)
                top = max(top, means[best])
        axes.set(xscale="log", xlabel="epoch", ylim=(0, 2.6 * top))
        axes.set_title(name, fontsize=10, loc="right", y=0.89)
        _plain(axes, [1, 10, 100])
        if place == 0:
            axes.set_ylabel("loss")
            legend_above(axes, columns=3)
    return figure


def draw_prices(
    by_patience: Mapping[str, Points],
    epochs: Mapping[str, Points],
    by_fraction: Mapping[str, Points],
) -> Figure:
    """Test loss and epochs by patience, and test loss by the fraction for validation."""
    figure, panels = framed(
        "The price of patience, and of the samples for validation",
        "mean over seeds with 95 % interval; loss relative to the lowest of each task",
        panels=3,
        size=(1.88, 2.5),
        lines=3,
        left=0.7,
        right=0.13,
    )
    contents = (
        (by_patience, "patience in epochs", "relative test loss", [1, 3, 10, 50]),
        (epochs, "patience in epochs", "epochs that are trained", [1, 3, 10, 50]),
        (by_fraction, "validation samples in %", "relative test loss", [5, 10, 20, 40]),
    )
    for axes, (lines, below, beside, ticks) in zip(panels, contents, strict=True):
        colors = (2, 1, 0) if lines is epochs else (0, 1, 2)
        for (name, points), color, (line, marker) in zip(
            lines.items(), colors, _LOOKS, strict=False
        ):
            _banded(axes, points, color, line, marker, name)
        axes.set(xscale="log", xlabel=below, ylabel=beside)
        _plain(axes, ticks)
        axes.yaxis.set_major_locator(MaxNLocator(6))  # of more, labels are too wide
        legend_above(axes, columns=1)
    return figure


def _banded(
    axes: Axes, points: Points, color: int, line: str, marker: str, label: str
) -> dict[float, float]:
    """Draw means with a band of their intervals, and return the means."""
    places = list(points)
    found = band_of(estimate(values, of=Scale(low=0.0)) for values in points.values())
    draw_band(
        axes, places, found, color=COLORS[color], alpha=0.18, linestyle=line, marker=marker,
        label=label, linewidth=1.6, markersize=4,
    )  # fmt: skip
    return dict(zip(places, found.mean.tolist(), strict=True))


def _columns(rows: Sequence[Sequence[float]]) -> list[Sequence[float]]:
    return list(zip(*rows, strict=True))


def _plain(axes: Axes, ticks: Sequence[float]) -> None:
    """Ticks of a logarithmic axis as plain numbers."""
    axes.set_xticks(ticks)
    axes.xaxis.set_major_formatter(ScalarFormatter())
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.tick_params(labelsize=9)
