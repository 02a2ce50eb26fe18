"""The spec of a run: what differs from the defaults, and its text."""

from __future__ import annotations

from collections.abc import Sequence

from dlrun.pages.pieces.table import table
from dlrun.pages.pieces.text import files
from dlrun.pages.section import Piece, Section, note
from dlrun.run_directory.directory import RunDirectory


def spec_section(run: RunDirectory, changed: Sequence[tuple[str, str, str]] | str) -> Section:
    """The spec: what differs from the defaults, and its text.

    Args:
        run: the run.
        changed: key, value and default; or why they are unknown.
    """
    pieces: list[Piece] = []
    if isinstance(changed, str):
        pieces.append(note(changed))
    else:
        text = "Keys that differ from the defaults. 'required' keys have no default."
        header = ["key", "value", "default"]
        pieces += [note(text), table(header, changed, anchor="changes", sortable=True)]
    named = {"Spec as written": run.spec_file, "Spec with all defaults": run.resolved_file}
    pieces += files(named)
    return Section("spec", "Spec", pieces)
