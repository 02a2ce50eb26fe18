"""The command lines that made a run, and those that repeat and use it."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from dlrun.pages.pieces.text import command
from dlrun.pages.section import Piece, Section, note
from dlrun.run_directory.directory import RunDirectory


def commands_section(run: RunDirectory, environment: Mapping[str, Any]) -> Section:
    """The command lines that made the run, and those that repeat and use it."""
    words = environment.get("command")
    first = shlex.join(map(str, words)) if isinstance(words, list) else ""
    folder = shlex.quote(str(run.path))
    resolved = shlex.quote(str(run.resolved_file))
    pieces: list[Piece] = []
    if first:
        pieces += [note("The command that trained it:"), command([first])]
    pieces += [
        note("Train it again and compare every number; train the same spec in a new run; score:"),
        command(
            [
                f"dlrun verify {folder}",
                f"dlrun train {resolved}",
                f"dlrun evaluate {folder}",
                f"dlrun report {folder} -o report.html",
            ]
        ),
    ]
    call = _mapping(environment.get("call"))
    git = _mapping(environment.get("git"))
    if git.get("commit"):
        pieces += [
            note("The commit that was checked out:"),
            command([f"git checkout {shlex.quote(str(git['commit']))}"]),
        ]
    if call.get("overrides"):
        said = shlex.join(map(str, call["overrides"]))
        pieces.append(note(f"Overrides on the command line: {said}"))
    return Section("commands", "Commands", pieces)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
