"""``dlrun diff``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dlrun.cli.terminal import Terminal


def diff(
    first: Annotated[Path, typer.Argument(metavar="A", help="The directory of a run.")],
    second: Annotated[Path, typer.Argument(metavar="B", help="That of another one.")],
    json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Name the first epoch and the tensors in which two runs differ, and their specs' differences.

    Times do not count, nor do spec and environment as long as all numbers are the same.
    Exit codes: 0 every number is the same to the bit; 2 a directory is missing or broken; 4 the
    runs differ.
    """
    from dlrun.cli.comparison import report
    from dlrun.runs.compare import compare
    from dlrun.runs.directory import RunDirectory

    terminal = Terminal()
    found = compare(RunDirectory.open(first), RunDirectory.open(second))
    report(terminal, found, json=json)
