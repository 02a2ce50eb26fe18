"""The index of a folder: entries of runs and studies, so that unchanged ones are not read again.

It is the file ``.dlrun-index.jsonl`` in the folder, and may be deleted at any time.  Its first line
has the format and the distinct specs, each other line one entry: the directory, the time, size and
inode of each file that was read, and the values.  A spec is stored as the number of a similar one
and the values that differ from it, since most runs of a folder differ in few keys.

An entry counts only if all its files are unchanged.  The file is replaced as a whole, so readers
see the old or the new index; of two processes that write, the later one wins, and the next call
adds what is missing.  A folder that cannot be written has no index.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence, Set
from contextlib import suppress
from dataclasses import fields
from typing import Any

from dlrun.collection.entry import Entry
from dlrun.collection.find import Place
from dlrun.collection.index_types import RUN, STUDY, is_spec, is_valid
from dlrun.collection.run_entry import RunEntry
from dlrun.collection.shared_specs import SharedSpecs
from dlrun.collection.signature import Signature
from dlrun.collection.study_entry import StudyEntry
from dlrun.errors import DlrunError

FILE = ".dlrun-index.jsonl"
VERSION = 5
_LARGEST = 2**29
"""Bytes of an index, at most."""

_WRONG = (TypeError, ValueError, KeyError, IndexError, AttributeError)
"""What an index with other content than expected can raise."""

_RUN = tuple(
    field.name
    for field in fields(RunEntry)
    if field.name not in ("directory", "spec", "study", "fold")
)
_STUDY = tuple(field.name for field in fields(StudyEntry) if field.name != "directory")


class Index:
    """The entries that an index has, by directory relative to its folder."""

    def __init__(self, folder: str) -> None:
        self._file = f"{folder}/{FILE}"
        self._prefix = f"{folder}/"
        self._lines: dict[str, list[Any]] = {}
        self._specs: list[dict[str, Any]] = []
        with suppress(DlrunError, OSError, RecursionError, MemoryError, *_WRONG):
            self._read()

    def _read(self) -> None:
        from pathlib import Path

        from dlrun.files import read_bytes

        content = read_bytes(Path(self._file), limit=_LARGEST, follow=False)
        # One call of the parser for all lines is twice as fast as one per line.
        head, *lines = json.loads(b"[" + b",".join(content.splitlines()) + b"]")
        if head["format"] != "dlrun-index" or head["version"] != VERSION:
            return
        specs = head["specs"]
        if all(map(is_spec, specs)):
            self._specs = specs
            self._lines = {line[0]: line for line in lines if len(line) == 4}

    def get(self, place: Place, now: Signature) -> Entry | None:
        """The entry of a run or study if its files are unchanged; None otherwise.

        Args:
            place: below the folder.
            now: the signature of its files.
        """
        line = self._lines.get(self._name(place.directory))
        if line is None or line[1] != now:
            return None
        with suppress(*_WRONG):
            return self._entry(place, *line[2:])
        return None

    def others(self, seen: Set[str]) -> Iterator[tuple[Signature, Entry]]:
        """The entries of runs inside studies and cross-validations that a call left out.

        Args:
            seen: all directories of the call.
        """
        for name, line in self._lines.items():
            directory = f"{self._prefix}{name}"
            outer = directory.rpartition("/")[0]
            outer = outer.removesuffix("/trials")
            if directory in seen or outer not in seen:
                continue
            study = outer if directory.startswith(f"{outer}/trials/") else None
            with suppress(*_WRONG):
                entry = self._entry(Place(directory, study=study), *line[2:])
                if entry is not None:
                    yield line[1], entry

    def _name(self, directory: str) -> str:
        return "." if f"{directory}/" == self._prefix else directory.removeprefix(self._prefix)

    def _entry(self, place: Place, spec: Any, values: Any) -> Entry | None:
        directory = place.directory
        if (spec is None) != place.is_study:
            return None
        if spec is None:
            study = StudyEntry(directory, *values)
            study = _with_tuples(study, objectives=tuple(map(tuple, study.objectives)))
            return study if is_valid(study, STUDY) else None
        number, changed = spec
        keys = self._specs[number] | changed if changed else self._specs[number]
        tags = _RUN.index("tags")
        if not isinstance(values[tags], list):
            return None
        values[tags] = tuple(values[tags])
        named = dict(zip(_RUN, values, strict=True))
        run = RunEntry(directory=directory, spec=keys, study=place.study, fold=place.fold, **named)
        return run if is_spec(changed) and is_valid(run, RUN) else None

    def write(self, entries: Sequence[tuple[Signature, Entry]]) -> None:
        """Replace the index by these entries, if the folder can be written."""
        specs = SharedSpecs()
        lines = []
        for files, entry in entries:
            name = self._name(entry.directory)
            if isinstance(entry, RunEntry):
                values = [getattr(entry, each) for each in _RUN]
                lines.append(_line([name, files, specs.number(entry.spec), values]))
            else:
                values = [getattr(entry, each) for each in _STUDY]
                lines.append(_line([name, files, None, values]))
        head = {"format": "dlrun-index", "version": VERSION, "specs": specs.shared}
        with suppress(DlrunError, OSError, TypeError, ValueError):
            from pathlib import Path

            from dlrun.run_directory.atomic import hurried, replace

            with hurried():  # it can be made again, so it need not survive a power cut
                replace(Path(self._file), "\n".join([_line(head), *lines, ""]))


def _line(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def _with_tuples(study: StudyEntry, objectives: Any) -> StudyEntry:
    from dataclasses import replace

    return replace(study, objectives=objectives, tags=tuple(study.tags))
