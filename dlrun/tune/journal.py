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

from pydantic import ValidationError

from dlrun.errors import DataError
from dlrun.runs.access import reading, writing
from dlrun.runs.json_text import to_json
from dlrun.tune.records import RECORD, VERSION
from dlrun.tune.suggestion import sealed, unsealed

Record = Mapping[str, Any]

_CHOSEN = frozenset({"suggestions", "identity", "earlier"})
"""Keys of records with values of a space, which may be infinite or NaN."""


def read_journal(path: Path) -> list[dict[str, Any]]:
    """The records of a journal; none where there is no file.

    Raises:
        DataError: a line is no record.
    """
    if not path.exists():
        return []
    with reading(path):
        text = path.read_text(encoding="utf-8")
    records, trials = [], 0
    for number, line in enumerate(text.split("\n")[:-1], start=1):
        try:
            record = json.loads(line)
        except json.JSONDecodeError as fault:
            raise DataError(f"{path}:{number}:{fault.colno}: no JSON: {fault.msg}") from fault
        if isinstance(record, dict):
            record |= {key: unsealed(record[key]) for key in record.keys() & _CHOSEN}
        wrong = _fault(record, first=number == 1, trials=trials)
        if wrong:
            raise DataError(f"{path}:{number}: {wrong}")
        trials += len(record["suggestions"]) if record["event"] == "batch" else 0
        records.append(record)
    return records


def _fault(record: Any, *, first: bool, trials: int) -> str:
    """What is wrong with a record behind so many trials; empty where nothing is."""
    if isinstance(record, dict) and record.get("event") == "study":
        if record.get("version", VERSION) != VERSION:
            version = record["version"]
            return (
                f"a study of version {version}, and this dlrun reads version {VERSION}; go on with "
                "the dlrun that began it, or give the sweep another name"
            )
    elif first:
        return "no journal of a study, which begins with what the study is"
    try:
        known = RECORD.validate_python(record)
    except ValidationError as error:
        detail = error.errors()[0]
        place = "".join(f"{step}: " for step in detail["loc"])
        return f"no record of a study, the file is broken: {place}{detail['msg'].lower()}"
    numbers = [*known.get("trials", ()), *([known["trial"]] if "trial" in known else [])]
    unknown = [number for number in numbers if number >= trials]
    return f"nothing before says of trial {unknown[0]}; the file is broken" if unknown else ""


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
            plain = {**record, **{key: sealed(record[key]) for key in record.keys() & _CHOSEN}}
            self._file.write(f"{to_json(plain)}\n".encode())
            self._file.flush()
            if record["event"] != "started":  # nothing is lost with it but the time of a run
                os.fsync(self._file.fileno())

    def close(self) -> None:
        """No more records."""
        self._file.close()
