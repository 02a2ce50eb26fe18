"""The option ``--allow-plugins``: the user's consent to run the Python files that a spec names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer

from dlrun.cli.terminal import Terminal

AllowPlugins = Annotated[
    bool,
    typer.Option(
        "--allow-plugins",
        help="Run the Python files that the spec names, now and until their content changes.",
    ),
]


def consent(terminal: Terminal, allow: bool) -> Callable[[Path, str], bool]:
    """What is asked whether a file of a SHA-256 may run: one that is trusted, or any.

    Args:
        terminal: is told what is trusted from now on.
        allow: whether the user has given the option.
    """

    def asked(file: Path, digest: str) -> bool:
        from dlrun.errors import DataError
        from dlrun.training import trust

        if not allow:
            return trust.is_trusted(digest)
        try:
            if not trust.is_trusted(digest):
                kept = trust.record(file, digest)
                terminal.note(f"{file} (SHA-256 {digest}) is trusted from now on, see {kept}")
        except DataError as fault:
            terminal.note(f"{file} (SHA-256 {digest}) is allowed this time only: {fault}")
        return True

    return asked


def say_unused(terminal: Terminal, files: tuple[str, ...], command: str) -> None:
    """Say which Python files of a run are not run, if it names any."""
    if files:
        terminal.note(f"plugins not run, {command} does not need them: {', '.join(files)}")
