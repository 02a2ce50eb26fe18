"""The user's consent to run the Python files that a spec names: the option ``--allow-plugins``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from dlrun.cli.display.terminal import Terminal


def consent(terminal: Terminal, allow: bool) -> Callable[[Path, str], bool]:
    """A function that decides whether a file with a SHA-256 may run.

    Args:
        terminal: shows which files are trusted from now on.
        allow: whether any file may run and is trusted from now on; without it, only files may run
            that the user has trusted before.
    """

    def may_run(file: Path, sha256: str) -> bool:
        from dlrun.errors import DataError
        from dlrun.experiment import trust

        if not allow:
            return trust.is_trusted(sha256)
        try:
            if not trust.is_trusted(sha256):
                kept = trust.record(file, sha256)
                terminal.note(f"{file} (SHA-256 {sha256}) is trusted from now on, see {kept}")
        except DataError as error:
            terminal.note(f"{file} (SHA-256 {sha256}) is allowed this time only: {error}")
        return True

    return may_run


def note_unused(terminal: Terminal, files: tuple[str, ...], command: str) -> None:
    """Show which Python files of a run are not run, if it names any."""
    if files:
        terminal.note(f"plugins not run, {command} does not need them: {', '.join(files)}")
