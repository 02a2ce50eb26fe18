"""The end of each ``--help``: examples and exit codes, in one form for all commands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dlrun.cli.exit_codes import ExitCode

Codes = Mapping[ExitCode | str, str | None]
"""The meaning of each exit code; None is its usual meaning."""

WIDTH = 78
"""Characters in a line of the help on a terminal of 80 columns or more."""

_VERBATIM = "\b"
"""At the start of a paragraph: its lines are not wrapped."""


def epilog(examples: Sequence[str], codes: Codes | None = None) -> str:
    """The text for the end of a command's help.

    Args:
        examples: command lines.
        codes: exit codes in order; None is 0 and 2 with their usual meanings.
    """
    if codes is None:
        codes = {ExitCode.DONE: None, ExitCode.INPUT_ERROR: None}
    lines = [
        f"  {_shown(code):6} {_meaning(code) if meaning is None else meaning}"
        for code, meaning in codes.items()
    ]
    paragraphs = [
        ["Examples:", *(f"  {example}" for example in examples)],
        ["Exit codes:", *lines],
    ]
    return "\n\n".join("\n".join([_VERBATIM, *paragraph]) for paragraph in paragraphs)


def _shown(code: ExitCode | str) -> str:
    return code if isinstance(code, str) else str(int(code))


def _meaning(code: ExitCode | str) -> str:
    assert isinstance(code, ExitCode)
    return code.meaning
