"""A study as its directory tells it, for whoever only reads it."""

from __future__ import annotations

from dlrun.errors import DataError
from dlrun.runs.json_text import to_json
from dlrun.search.suggestion import legible
from dlrun.study.store.directory import StudyDirectory
from dlrun.study.store.journal import read_journal
from dlrun.study.store.state import State
from dlrun.study.sweep.compile import Design, read_design


def recorded(directory: StudyDirectory) -> tuple[Design, State]:
    """What the sweep of a study says, and what its journal says.

    Raises:
        DataError: its journal is broken, or has a trial that the sweep's space does not have.
        SpecError: its sweep has faults.
    """
    state = State.replay(read_journal(directory.journal_file))
    design = read_design(directory.resolved_file)
    for number, suggestion in state.trials():
        if not design.space.contains(suggestion):
            values = to_json(legible(suggestion))[:200]
            raise DataError(
                f"{directory.journal_file}: trial {number} lies outside of the space in "
                f"{directory.resolved_file.name} ({values}); one of the two files is broken"
            )
    return design, state
