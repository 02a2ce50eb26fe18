"""``dlrun warmup``."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from dlrun.cli.lines import count, duration
from dlrun.cli.terminal import Terminal

if TYPE_CHECKING:
    from dlrun.training.warmup import Exercise


def warmup(
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print errors only.")] = False,
) -> None:
    """Compile all kernels beforehand and keep them, so that no training has to.

    They are kept in the folder kernels of DLRUN_CACHE or, without it, of ~/.cache/dlrun, for this
    kind of processor.  What is there already is not compiled again.  Exit codes: 0 done; 2 the
    folder cannot be written.
    """
    from dlrun.errors import InputError
    from dlrun.nn.kernels import machine_code
    from dlrun.training.warmup import exercises

    terminal = Terminal()
    began = time.perf_counter()
    try:
        todo = exercises()
    except ImportError as fault:
        raise InputError(f"there are no kernels to compile without Numba: {fault}") from fault
    compiled: list[str] = []

    with _progress(terminal, quiet, todo) as show:

        def note(kernel: str) -> None:
            obstacle = machine_code.obstacle()
            if obstacle is not None:
                raise InputError(f"{obstacle}; let DLRUN_CACHE name a folder of your own")
            compiled.append(kernel)
            show(kernel)

        with machine_code.watched(note):
            for exercise in todo:
                show(None)
                exercise.work()
    if not quiet:
        took = duration(time.perf_counter() - began)
        said = f"{count(len(compiled), 'kernel')} compiled" if compiled else "nothing to compile"
        terminal.line(f"{said}, {took}; kept in {machine_code.folder()}")


@contextmanager
def _progress(
    terminal: Terminal, quiet: bool, todo: Sequence[Exercise]
) -> Iterator[Callable[[str | None], None]]:
    """What shows the kernel that is about to be compiled; None is the next exercise's start."""
    match terminal.mode(quiet=quiet):
        case "live":
            from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

            columns = (BarColumn(), TimeElapsedColumn(), TextColumn("{task.description}"))
            with Progress(*columns, console=terminal.console, transient=True) as bar:
                task = bar.add_task("", total=len(todo))

                def show(kernel: str | None) -> None:
                    if kernel is None:
                        bar.advance(task)
                    else:
                        bar.update(task, description=kernel)

                yield show
        case "plain":
            yield lambda kernel: None if kernel is None else terminal.line(f"compiling {kernel}")
        case _:
            yield lambda kernel: None
