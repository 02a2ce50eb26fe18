"""The curve of a learning-rate range test as lines of text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dlrun.inspect.find_lr import RangeTest

_BARS = "▁▂▃▄▅▆▇█"

_COLUMNS = 60
"""Characters of the curve, at most."""

_ROWS = 12
"""Lines of the table, at most."""


def lr_lines(test: RangeTest, key: str, steps: int) -> Sequence[str]:
    """The curve, a table of it, and the suggestion.

    Args:
        test: at least two steps.
        key: the key of the spec that holds the learning rate.
        steps: how many were asked for.
    """
    end = "the loss diverged" if test.diverged else "the range is complete"
    lines = [
        f"{len(test.rates)} of {steps} steps, learning rate from {test.rates[0]:.2g} to "
        f"{test.rates[-1]:.2g}: {end}",
        "",
        f"  {_sparkline(test.smoothed)}",
        "",
        "  lr        loss, smoothed",
    ]
    count = min(_ROWS, len(test.rates))
    for row in range(count):
        step = row * (len(test.rates) - 1) // (count - 1)
        lines.append(f"  {test.rates[step]:<8.2g}  {test.smoothed[step]:.4g}")
    lines.append("")
    if test.suggestion is None:
        return [
            *lines,
            "no suggestion: the loss hardly falls; try another range with --from and --to",
        ]
    return [
        *lines,
        f"the loss falls fastest at {test.suggestion:.2g}, and its minimum is at {test.least:.2g}",
        f"suggestion  {key}={test.suggestion:.2g}",
    ]


def _sparkline(values: Sequence[float]) -> str:
    """The values as bars; values above the first one are cut to it."""
    count = min(_COLUMNS, len(values))
    shown = [values[column * (len(values) - 1) // (count - 1)] for column in range(count)]
    low = min(shown)
    height = (shown[0] - low) or 1.0
    return "".join(_BARS[min(7, int(8 * (value - low) / height))] for value in shown)
