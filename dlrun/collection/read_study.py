"""A study directory as an entry.

The journal is read line by line for what an entry shows.  The reader of ``dlrun.study``, which
checks every field, takes longer to import than listing all studies takes here.
"""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from dlrun.collection.journal import Journal
from dlrun.collection.study_entry import StudyEntry
from dlrun.errors import DataError
from dlrun.files import open_regular
from dlrun.run_directory import identity
from dlrun.run_directory.access import LARGEST, present, read_text
from dlrun.run_directory.json_text import parsed
from dlrun.run_directory.not_a_run import JOURNAL
from dlrun.run_directory.spec_keys import read_keys
from dlrun.run_directory.tags import FILE as TAGS
from dlrun.run_directory.tags import read_tags

RESOLVED = "resolved.yaml"
FILES = (JOURNAL, RESOLVED, TAGS)
"""The files that an entry is made from."""


def read_study(directory: str) -> StudyEntry:
    """The entry of a study.

    Raises:
        DataError: its journal is broken.
    """
    path = Path(directory)
    tags = read_tags(path)
    sweep = _sweep(path)
    journal = read_journal(path, sweep)
    called = sweep.get("name")
    best_trial, best = journal.best()
    runs, wanted = is_run(path), journal.requested()
    return StudyEntry(
        directory=directory,
        name=called if isinstance(called, str) else path.name,
        state=journal.state(runs=runs),
        created=journal.created,
        ended=None if runs else os.lstat(path / JOURNAL).st_mtime,
        objectives=tuple(journal.objectives),
        trials=journal.trials - len(journal.skipped),
        planned=None if wanted is None else wanted - len(journal.extra & journal.skipped),
        done=len(journal.done() - journal.skipped),
        failed=len(journal.failures()),
        running=len({trial for trial, _ in journal.started}) if runs else 0,
        best=best,
        best_trial=best_trial,
        suggestion={} if best_trial is None else journal.values(best_trial),
        tags=tags.tags,
        note=tags.note,
    )


def _sweep(path: Path) -> Mapping[str, Any]:
    return read_keys(path / RESOLVED) if present(path / RESOLVED) else {}


def read_journal(path: Path, sweep: Mapping[str, Any] | None = None) -> Journal:
    """What the records of a study say of the trials that its sweep asks for.

    Args:
        path: the study directory.
        sweep: the resolved sweep by dotted key; None reads it.

    Raises:
        DataError: its journal or its sweep is broken.
    """
    journal = Journal(planned=_planned(_sweep(path) if sweep is None else sweep))
    for number, record in _records(path / JOURNAL):
        try:
            journal.add(record)
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise DataError(
                f"{path / JOURNAL}:{number}: not a record of a study; the file is broken"
            ) from error
    if not journal.objectives:
        raise DataError(f"{path / JOURNAL}:1: not a journal of a study; the file is broken")
    journal.leave_out()
    return journal


def first_start(directory: str) -> float | None:
    """When the first run of a study began, in seconds since 1970, as in its entry; None before.

    Raises:
        DataError: its journal is broken before that.
    """
    for _, record in _records(Path(directory) / JOURNAL):
        if isinstance(record, dict) and record.get("event") == "started":
            began = identity.began(str(record.get("directory")))
            if began is not None:
                return began.timestamp()
    return None


def is_run(path: Path) -> bool:
    """Whether a process runs a study.

    A process that begins a study tries for a second to get its lock, which is held here for a
    moment.
    """
    try:
        with open_regular(path / "lock", follow=False) as file:
            fcntl.flock(file.fileno(), fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError as error:
        return error.errno in (errno.EWOULDBLOCK, errno.EAGAIN)
    except DataError:
        return False
    return False


def _records(path: Path) -> Iterator[tuple[int, Any]]:
    for number, line in enumerate(read_text(path, LARGEST).split("\n")[:-1], start=1):
        yield number, parsed(line, str(path), number)


def _planned(sweep: Mapping[str, Any]) -> int | None:
    """The number of trials that a sweep asks for; None if its space decides."""
    for key, value in sweep.items():
        named = (key.startswith("search.") and key.endswith(".trials")) or key == "budget.trials"
        if named and isinstance(value, int):
            return value
    return None
