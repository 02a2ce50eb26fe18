"""``dlrun verify``."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

import typer

from dlrun.cli.consent import AllowPlugins, consent
from dlrun.cli.terminal import Terminal

if TYPE_CHECKING:
    from dlrun.api import Training
    from dlrun.runs.weights import Checkpoint
    from dlrun.training.events import Event


def verify(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="The directory of a run.")],
    allow_plugins: AllowPlugins = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Train a run again from its resolved spec and compare every number, to the bit.

    The second training leaves nothing behind.  Of a run that a signal or max_time cut off, its
    whole epochs and best weights are compared.

    Exit codes: 0 all is the same; 2 the run or its data is missing or broken; 4 something differs.
    """
    from dlrun import api
    from dlrun.cli.comparison import report
    from dlrun.data.fingerprint import same_data
    from dlrun.errors import DataError
    from dlrun.runs.compare import compare
    from dlrun.runs.directory import RunDirectory
    from dlrun.training.stop import Stop, signals

    terminal = Terminal()
    original = RunDirectory.open(run)
    result, data = original.result(), original.environment().get("data")
    whole = result["status"] != "stopped"
    if not whole and not result.get("epochs"):
        raise DataError(f"{run}: it was stopped in its first epoch; there is nothing to compare")
    early = Stop()
    early.heeded = False
    with signals(early, resumable=False), TemporaryDirectory(prefix="dlrun-verify-") as folder:
        training = api.start(
            original.resolved_file,
            {"max_time": None},
            runs=folder,
            allow_plugins=consent(terminal, allow_plugins),
        )
        if not same_data(training.directory.environment()["data"], data):
            raise DataError(f"{run}: the data is another now, its SHA-256 was {data}; restore it")
        _train(training, None if whole else result["epochs"], terminal, live=not json)
        checkpoints: Sequence[Checkpoint] = ("last", "best") if whole else ("best",)
        found = compare(original, training.directory, checkpoints, ended=whole)
        found = replace(found, spec=())  # but for max_time, there was one
    report(terminal, found, json=json)


def _train(training: Training, epochs: int | None, terminal: Terminal, *, live: bool) -> None:
    """Train, with a display where there is a terminal, and no further than so many epochs."""
    from dlrun.runs.ending import Ending
    from dlrun.training.events import EpochEnded
    from dlrun.training.stop import signals

    with training, signals(training.stop), _display(terminal, live=live) as show:
        for event in training.events():
            with terminal.printing():
                show(event)
            if isinstance(event, EpochEnded) and event.epoch == epochs:
                training.stop.halted = Ending("rung", event.epoch)
    if training.stop.received is not None:
        raise typer.Exit(128 + training.stop.received)
    training.finish(pictures=False)


def _display(terminal: Terminal, *, live: bool) -> AbstractContextManager[Callable[[Event], None]]:
    if live and terminal.mode() == "live":
        from dlrun.cli.live import LiveDisplay

        return LiveDisplay(terminal.console)
    return nullcontext(lambda event: None)
