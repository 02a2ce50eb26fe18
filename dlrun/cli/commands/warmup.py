"""``dlrun warmup``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from dlrun.cli.display.terminal import Terminal
from dlrun.cli.exit_codes import ExitCode
from dlrun.cli.help_page import epilog
from dlrun.cli.options import Quiet

if TYPE_CHECKING:
    from dlrun.api.warmup import Progress

EPILOG = epilog(
    [
        "dlrun warmup",
        "dlrun warmup --portable",
        "DLRUN_CACHE=/shared/dlrun dlrun warmup --quiet",
    ],
    {
        ExitCode.DONE: None,
        ExitCode.INPUT_ERROR: "the folder cannot be written, or Numba is not installed",
    },
)


def warmup(
    portable: Annotated[
        bool, typer.Option("--portable", help="Compile the kernels of 'numerics: portable'.")
    ] = False,
    quiet: Quiet = False,
) -> None:
    """Compile kernels in advance.

    They are kept for this type of processor, so that no training has to compile them.  Existing
    ones are not compiled again.  The folder is kernels in DLRUN_CACHE or, if that is not set, in
    dlrun of $XDG_CACHE_HOME or ~/.cache.
    """
    from dlrun.api.warmup import warmup
    from dlrun.quantities import count, duration

    terminal = Terminal()
    with _progress(terminal, quiet) as show:
        result = warmup(portable=portable, watch=show)
    if not quiet:
        compiled = count(len(result.compiled), "kernel")
        done = f"{compiled} compiled" if result.compiled else "nothing to compile"
        terminal.line(f"{done}, {duration(result.seconds)}; kept in {result.folder}")


@contextmanager
def _progress(terminal: Terminal, quiet: bool) -> Iterator[Callable[[Progress], None]]:
    """A function that shows the kernel that is about to be compiled."""
    match terminal.mode(quiet=quiet):
        case "live":
            from rich import progress as rich

            columns = (rich.BarColumn(), rich.TimeElapsedColumn())
            described = rich.TextColumn("{task.description}")
            with rich.Progress(
                *columns, described, console=terminal.console, transient=True
            ) as bar:
                task = bar.add_task("", total=None)

                def show(progress: Progress) -> None:
                    bar.update(task, total=progress.total, completed=progress.started)
                    if progress.kernel is not None:
                        bar.update(task, description=progress.kernel)

                yield show
        case "plain":

            def line(progress: Progress) -> None:
                if progress.kernel is not None:
                    terminal.line(f"compiling {progress.kernel}")

            yield line
        case _:
            yield lambda progress: None
