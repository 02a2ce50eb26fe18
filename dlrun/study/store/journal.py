"""The journal: all events of a study in order, one line of JSON per event.

Lines are only appended, by one process.  A last line without its line end was being written when
the process was killed; it is ignored.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dlrun.run_directory import atomic
from dlrun.run_directory.access import open_to_write, writing
from dlrun.run_directory.json_text import to_json
from dlrun.search.suggestion import sealed
from dlrun.study.store.records import CHOSEN

Record = Mapping[str, Any]


class Journal:
    """The end of a journal, to which records are added.

    Args:
        path: of the file, created if missing; an incomplete last line is cut off.

    Raises:
        DataError: the file cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with writing(path):
            self._descriptor = open_to_write(path, os.O_RDWR | os.O_CREAT | os.O_APPEND)
        atomic.cut_unfinished_line(path)

    def append(self, record: Record) -> None:
        """Add a record, all or nothing; unless it is a start, it is on the disk on return.

        Raises:
            DataError: the file cannot be written; it is as before.
        """
        with writing(self._path):
            plain = {**record, **{key: sealed(record[key]) for key in record.keys() & CHOSEN}}
            atomic.add(self._descriptor, f"{to_json(plain)}\n".encode())
            if record["event"] != "started":  # losing it only costs the time of a run
                os.fsync(self._descriptor)

    def close(self) -> None:
        """Close the file; nothing can be added afterwards."""
        os.close(self._descriptor)
