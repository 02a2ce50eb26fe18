"""The journal: all that happened in a study, a line of JSON each, in the order it happened.

It is only added to, by one process.  A last line without its end was being written when the process
was killed; it never happened.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from dlrun.errors import DataError
from dlrun.runs import atomic
from dlrun.runs.access import LARGEST, open_to_write, present, read_bytes, read_text, writing
from dlrun.runs.json_text import parsed, to_json
from dlrun.search.suggestion import sealed, unsealed
from dlrun.study.store.job import is_name
from dlrun.study.store.records import RECORD, VERSION

Record = Mapping[str, Any]

_CHOSEN = frozenset({"suggestions", "identity", "earlier"})
"""Keys of records with values of a space, which may be infinite or NaN."""


def read_journal(path: Path) -> list[dict[str, Any]]:
    """The records of a journal; none where there is no file.

    Raises:
        DataError: a line is no record.
    """
    if not present(path):
        return []
    reader = _Reader(path)
    for number, line in enumerate(read_text(path, LARGEST).split("\n")[:-1], start=1):
        reader.add(line, number)
    return reader.records


class _Reader:
    """Takes the lines of a journal in turn, and refuses what no study has written."""

    def __init__(self, path: Path) -> None:
        self.records: list[dict[str, Any]] = []
        self._path = path
        self._trials = 0
        self._goals: Sequence[str] = ()

    def add(self, line: str, number: int) -> None:
        """Take a line.

        Raises:
            DataError: it is no record.
        """
        record = parsed(line, str(self._path), number)
        wrong = self._fault(record, line)
        if wrong:
            raise DataError(f"{self._path}:{number}: {wrong}")
        record |= {key: unsealed(record[key]) for key in record.keys() & _CHOSEN}
        if record["event"] == "batch":
            self._trials += len(record["suggestions"])
        elif record["event"] == "study":
            self._goals = _goals(record["identity"])
        self.records.append(record)

    def _fault(self, record: Any, line: str) -> str:
        """What is wrong with a record that follows the others; empty where nothing is."""
        if isinstance(record, dict) and record.get("event") == "study":
            if record.get("version", VERSION) != VERSION:
                version = str(record["version"])[:20]
                return (
                    f"a study of version {version}, and this dlrun reads version {VERSION}; go on "
                    "with the dlrun that began it, or give the sweep another name"
                )
            if self.records:
                return "a second study begins here; the file is broken"
        elif not self.records:
            return "no journal of a study, which begins with what the study is"
        try:
            known = RECORD.validate_json(line, strict=True)  # of JSON, in which objects are dicts
        except ValidationError as error:
            detail = error.errors()[0]
            place = "".join(f"{step}: " for step in detail["loc"])
            return f"no record of a study, the file is broken: {place}{detail['msg'].lower()}"
        numbers = [*known.get("trials", ()), *([known["trial"]] if "trial" in known else [])]
        unknown = [number for number in numbers if number >= self._trials]
        if unknown:
            return f"nothing before says of trial {unknown[0]}; the file is broken"
        outcome = known.get("outcome")
        named = known.get("directory", "") if outcome is None else outcome.directory
        if named and not is_name(named, known["trial"], known["repeat"]):
            return f"{named[:80]!r} is not the name of this run's directory; the file is broken"
        if outcome is not None and outcome.status == "completed":
            missing = [name for name in self._goals if outcome.scores.get(name) is None]
            if missing:
                return f"{missing[0]} of a completed run is missing; the file is broken"
        return ""


def _goals(identity: Mapping[str, Any]) -> list[str]:
    """The scores that a study is about."""
    said = identity.get("objective")
    each = said if isinstance(said, list) else [said]
    goals = [score for goal in each if isinstance(goal, dict) for score in goal.values()]
    return [score for score in goals if isinstance(score, str)]


class Journal:
    """The end of a journal, to which records are added.

    Args:
        path: of the file, made where it is missing; a torn last line is cut off.

    Raises:
        DataError: it cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with writing(path):
            self._descriptor = open_to_write(path, os.O_RDWR | os.O_CREAT | os.O_APPEND)
        atomic.cut(path, read_bytes(path, LARGEST).rfind(b"\n") + 1)

    def append(self, record: Record) -> None:
        """Add a record, all or nothing; it is on the disk when this returns, if not just a start.

        Raises:
            DataError: it cannot be written.
        """
        with writing(self._path):
            plain = {**record, **{key: sealed(record[key]) for key in record.keys() & _CHOSEN}}
            atomic.add(self._descriptor, f"{to_json(plain)}\n".encode())
            if record["event"] != "started":  # nothing is lost with it but the time of a run
                os.fsync(self._descriptor)

    def close(self) -> None:
        """No more records."""
        os.close(self._descriptor)
