"""``dlrun find-lr``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dlrun.cli.completion import files
from dlrun.cli.consent import consent
from dlrun.cli.display.terminal import Terminal
from dlrun.cli.exit_codes import ExitCode
from dlrun.cli.help_page import epilog
from dlrun.cli.options import AllowPlugins, Json, Overrides, Spec, not_standard_output

EPILOG = epilog(
    [
        "dlrun find-lr spec.yaml",
        "dlrun find-lr spec.yaml optimizer=sgd --from 1e-4 --to 1",
    ],
    {
        ExitCode.DONE: None,
        ExitCode.INPUT_ERROR: "error in the spec, the data or an option",
        ExitCode.TRAINING_FAILED: "the loss diverged before there was a curve",
    },
)


def find_lr(
    spec: Spec,
    overrides: Overrides = None,
    lowest: Annotated[float, typer.Option("--from", help="First learning rate.")] = 1e-6,
    highest: Annotated[float, typer.Option("--to", help="Last learning rate.")] = 10.0,
    steps: Annotated[int, typer.Option(help="Number of steps, at least 20.")] = 100,
    into: Annotated[
        Path,
        typer.Option(
            help="Folder of the curves.", autocompletion=files, callback=not_standard_output
        ),
    ] = Path("find-lr"),
    plugins: AllowPlugins = False,
    json: Json = False,
) -> None:
    """Run a learning-rate range test.

    Trains a few steps while the learning rate grows, until the loss diverges.  The suggestion is
    the learning rate where the smoothed loss falls most steeply on a logarithmic axis.  The curve
    is written as NAME.csv and NAME.png; the weights are not kept.
    """
    from dlrun.api.find_lr import find_lr
    from dlrun.cli.display.lr_curve import lr_lines
    from dlrun.run_directory.json_text import to_json

    terminal = Terminal()
    rates = find_lr(
        spec,
        overrides or [],
        lowest=lowest,
        highest=highest,
        steps=steps,
        into=into,
        allow_plugins=consent(terminal, plugins),
    )
    if json:
        terminal.line(to_json(rates.as_json()))
        return
    for line in lr_lines(rates.test, rates.key, steps):
        terminal.line(line)
    for file in rates.files:
        terminal.line(str(file))
