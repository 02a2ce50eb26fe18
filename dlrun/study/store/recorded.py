"""Reading a study from its directory, without changing it."""

from __future__ import annotations

from dlrun.errors import DataError
from dlrun.run_directory.json_text import to_json
from dlrun.search.suggestion import legible
from dlrun.study.store.directory import StudyDirectory
from dlrun.study.store.read_journal import read_journal
from dlrun.study.store.state import State
from dlrun.study.sweep.design import Design, read_design


def recorded(directory: StudyDirectory) -> tuple[Design, State]:
    """The sweep of a study and the content of its journal.

    Raises:
        DataError: its journal is broken or empty, or has a trial outside the sweep's space.
        SpecError: its sweep has errors.
    """
    state = State.replay(read_journal(directory.journal_file))
    if state.identity is None:
        raise DataError(
            f"{directory.journal_file}: not a journal of a study: it is empty; restore the file, "
            "or delete the study"
        )
    design = read_design(directory.resolved_file)
    for number, suggestion in state.trials():
        if not design.space.contains(suggestion):
            values = to_json(legible(suggestion))[:200]
            raise DataError(
                f"{directory.journal_file}: trial {number} is outside the space in "
                f"{directory.resolved_file.name} ({values}); one of the two files is broken"
            )
    return design, state
