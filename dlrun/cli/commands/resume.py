"""``dlrun resume``."""

from __future__ import annotations

from dlrun.cli.consent import consent
from dlrun.cli.display.terminal import Terminal
from dlrun.cli.exit_codes import ExitCode
from dlrun.cli.help_page import epilog
from dlrun.cli.options import (
    AllowChanges,
    AllowPlugins,
    JsonLines,
    Overrides,
    Plain,
    Quiet,
    Run,
)
from dlrun.cli.training import train_to_the_end

EPILOG = epilog(
    [
        "dlrun resume runs/moons/20260131-142359-k3f9qz",
        "dlrun resume runs/moons/20260131-142359-k3f9qz epochs=200",
    ],
    {
        ExitCode.DONE: None,
        ExitCode.INPUT_ERROR: None,
        ExitCode.TRAINING_FAILED: None,
        ExitCode.STOPPED: "stopped by a signal or max_time, state saved; can be resumed",
        "128+n": "ended at once by a second signal n",
    },
)


def resume(
    run: Run,
    overrides: Overrides = None,
    changes: AllowChanges = False,
    plugins: AllowPlugins = False,
    plain: Plain = False,
    quiet: Quiet = False,
    json: JsonLines = False,
) -> None:
    """Continue an interrupted run.

    The result is bit-identical to that of an uninterrupted run.  A finished run stays as it is,
    unless epochs is now more than it has.
    """
    from dlrun.launch.resume import resume_run

    terminal = Terminal()
    allowed = consent(terminal, plugins)
    train_to_the_end(
        terminal,
        terminal.mode(plain=plain, quiet=quiet, json=json),
        lambda stop: resume_run(
            run, overrides or [], allow_changes=changes, allow_plugins=allowed, stop=stop
        ),
    )
