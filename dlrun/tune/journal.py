"""The journal: all that happened in a study, a line of JSON each, in the order it happened.

It is only added to, by one process.  A last line without its end was being written when the process
was killed; it never happened.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dlrun.errors import DataError
from dlrun.runs.access import reading, writing
from dlrun.runs.json_text import to_json

Record = Mapping[str, Any]


def read_journal(path: Path) -> list[dict[str, Any]]:
    """The records of a journal; none where there is no file.

    Raises:
        DataError: a line is no record.
    """
    if not path.exists():
        return []
    with reading(path):
        text = path.read_text(encoding="utf-8")
    records = []
    for number, line in enumerate(text[: text.rfind("\n") + 1].splitlines(), start=1):
        try:
            record = json.loads(line)
        except json.JSONDecodeError as fault:
            raise DataError(f"{path}:{number}:{fault.colno}: no JSON: {fault.msg}") from fault
        if not isinstance(record, dict) or "event" not in record:
            raise DataError(f"{path}:{number}: no record of a study; the file is broken")
        records.append(record)
    return records


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
            self._file = path.open("ab+")
            self._file.seek(0)
            whole = self._file.read().rfind(b"\n") + 1
            self._file.truncate(whole)

    def append(self, record: Record) -> None:
        """Add a record; it is on the disk when this returns, if it is more than a start.

        Raises:
            DataError: it cannot be written.
        """
        with writing(self._path):
            self._file.write(f"{to_json(record)}\n".encode())
            self._file.flush()
            if record["event"] != "started":  # nothing is lost with it but the time of a run
                os.fsync(self._file.fileno())

    def close(self) -> None:
        """No more records."""
        self._file.close()
