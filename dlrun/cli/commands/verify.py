"""``dlrun verify``."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

import typer

from dlrun.cli.consent import consent
from dlrun.cli.display.terminal import Terminal
from dlrun.cli.exit_codes import ExitCode, ended_by
from dlrun.cli.help_page import epilog
from dlrun.cli.options import AllowPlugins, Json, Run

if TYPE_CHECKING:
    from dlrun.training.events import Event

EPILOG = epilog(
    ["dlrun verify runs/moons/20260131-142359-k3f9qz"],
    {
        ExitCode.DONE: "every number is bit-identical",
        ExitCode.INPUT_ERROR: "the run or its data is missing, broken or changed",
        ExitCode.NOT_CONFIRMED: "some numbers differ",
    },
)


def verify(run: Run, plugins: AllowPlugins = False, json: Json = False) -> None:
    """Retrain a run and compare every bit.

    The run is trained again from its resolved spec, in a temporary folder.  Of a run that a signal
    or max_time stopped, the complete epochs and the best weights are compared.
    """
    from dlrun.api.verify import Verification
    from dlrun.cli.display.comparison import print_comparison
    from dlrun.training.signals import signals
    from dlrun.training.stop import Stop

    terminal, early = Terminal(), Stop()
    early.heeded = False
    with (
        signals(early, resumable=False),
        Verification(run, allow_plugins=consent(terminal, plugins)) as verification,
    ):
        training = verification.training
        with signals(training.stop), _display(terminal, live=not json) as show:
            for event in verification.events():
                with terminal.printing():
                    show(event)
        if training.stop.received is not None:
            raise typer.Exit(ended_by(training.stop.received))
        comparison = verification.compare()
    print_comparison(terminal, comparison, json=json)
    if not comparison.same:
        raise typer.Exit(ExitCode.NOT_CONFIRMED)


def _display(terminal: Terminal, *, live: bool) -> AbstractContextManager[Callable[[Event], None]]:
    """A live display if there is a terminal, else none."""
    if live and terminal.mode() == "live":
        from dlrun.cli.display.live import LiveDisplay

        return LiveDisplay(terminal.console)
    return nullcontext(lambda event: None)
