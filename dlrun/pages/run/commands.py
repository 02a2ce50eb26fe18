"""The command lines that made a run, and those that repeat and use it."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from dlrun.collection.run_entry import RunEntry
from dlrun.pages.pieces.text import command
from dlrun.pages.section import Piece, Section, note
from dlrun.redact import redacted
from dlrun.summaries.next_steps import Step, command_line, next_steps, started_by


def commands_section(
    entry: RunEntry, result: Mapping[str, Any] | None, environment: Mapping[str, Any]
) -> Section:
    """The command line that made the run, and those that ``dlrun show`` recommends.

    Args:
        entry: of the run.
        result: the content of result.json; None without one.
        environment: the content of environment.json; empty without one.
    """
    pieces: list[Piece] = []
    if made_by := command_line(entry, environment):
        pieces += [note("The command that trained it:"), command([made_by])]
    if by_study := started_by(entry):
        pieces.append(note(f"Started by {by_study}."))
    report = f"dlrun report {shlex.quote(entry.directory)} -o report.html"
    for step in (*next_steps(entry, result or {}), Step("make this report", report)):
        pieces += [note(f"{step.purpose[:1].upper()}{step.purpose[1:]}:"), command([step.command])]
    call = _mapping(environment.get("call"))
    git = _mapping(environment.get("git"))
    if git.get("commit"):
        pieces += [
            note("The commit that was checked out:"),
            command([f"git checkout {shlex.quote(str(git['commit']))}"]),
        ]
    if call.get("overrides"):
        said = shlex.join(redacted(str(each)) for each in call["overrides"])
        pieces.append(note(f"Overrides on the command line: {said}"))
    return Section("commands", "Commands", pieces)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
