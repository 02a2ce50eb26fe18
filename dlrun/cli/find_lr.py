"""``dlrun find-lr``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dlrun.cli.consent import AllowPlugins, consent
from dlrun.cli.terminal import Terminal

if TYPE_CHECKING:
    from dlrun.training.find_lr import RangeTest

_BARS = "▁▂▃▄▅▆▇█"

_COLUMNS = 60
"""Letters of the curve, at most."""

_ROWS = 12
"""Lines of the table, at most."""


def find_lr(
    spec: Annotated[Path, typer.Argument(metavar="SPEC", help="The experiment, a YAML file.")],
    overrides: Annotated[
        list[str] | None,
        typer.Argument(metavar="KEY=VALUE", help="Keys of it with other values."),
    ] = None,
    lowest: Annotated[float, typer.Option("--from", help="The first learning rate.")] = 1e-6,
    highest: Annotated[float, typer.Option("--to", help="The last learning rate.")] = 10.0,
    steps: Annotated[int, typer.Option(help="Steps from one to the other.")] = 100,
    into: Annotated[Path, typer.Option(help="The folder of curves.")] = Path("find-lr"),
    allow_plugins: AllowPlugins = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Look for a learning rate: train a few steps while it grows, until the loss diverges.

    The suggestion is the rate at which the smoothed loss falls fastest with the rate's logarithm.
    The curve is written as <name>.csv and <name>.png; nothing is kept of the weights.

    Exit codes: 0 done; 2 a fault of the spec, the data or the options; 3 the loss diverged before
    there was a curve.
    """
    from dlrun import api
    from dlrun.runs.json_text import to_json

    terminal = Terminal()
    found = api.find_lr(
        spec,
        overrides or [],
        lowest=lowest,
        highest=highest,
        steps=steps,
        into=into,
        allow_plugins=consent(terminal, allow_plugins),
    )
    test = found.test
    if json:
        terminal.line(
            to_json(
                {
                    "suggestion": test.suggestion,
                    "least": test.least,
                    "diverged": test.diverged,
                    "rates": test.rates,
                    "losses": test.losses,
                    "smoothed": test.smoothed,
                    "files": found.files,
                }
            )
        )
        return
    for line in _lines(test, found.key, steps):
        terminal.line(line)
    for file in found.files:
        terminal.line(str(file))


def _lines(test: RangeTest, key: str, steps: int) -> Sequence[str]:
    end = "the loss diverged" if test.diverged else "the range is over"
    lines = [
        f"{len(test.rates)} of {steps} steps, at rates from {test.rates[0]:.2g} to "
        f"{test.rates[-1]:.2g}: {end}",
        "",
        f"  {_sparkline(test.smoothed)}",
        "",
        "  rate      loss, smoothed",
    ]
    count = min(_ROWS, len(test.rates))
    for row in range(count):
        place = row * (len(test.rates) - 1) // (count - 1)
        lines.append(f"  {test.rates[place]:<8.2g}  {test.smoothed[place]:.4g}")
    lines.append("")
    if test.suggestion is None:
        return [
            *lines,
            "no suggestion: the loss hardly falls; try other rates with --from and --to",
        ]
    fall = f"the loss falls fastest at {test.suggestion:.2g} and is least at {test.least:.2g}"
    return [*lines, fall, f"suggestion  {key}={test.suggestion:.2g}"]


def _sparkline(values: Sequence[float]) -> str:
    """The values as bars, of which those that are higher than the first count as high as it."""
    count = min(_COLUMNS, len(values))
    shown = [values[column * (len(values) - 1) // (count - 1)] for column in range(count)]
    low = min(shown)
    height = (shown[0] - low) or 1.0
    return "".join(_BARS[min(7, int(8 * (value - low) / height))] for value in shown)
