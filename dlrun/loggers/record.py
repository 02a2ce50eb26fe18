"""``loggers.json`` of a run: the ID of the run in each logger, and the epochs that it has.

A resumed run is continued there, and no epoch is logged twice.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dlrun.errors import DataError
from dlrun.run_directory.access import present
from dlrun.run_directory.atomic import hurried, replace
from dlrun.run_directory.json_text import read_object, to_json


@dataclass(frozen=True, slots=True)
class Logged:
    """What a logger has of a run.

    Attributes:
        logger: its name.
        place: where it logs to.
        id: the ID of the run there; None before it is known.
        epoch: the last epoch that it has; 0 before there is one.
    """

    logger: str
    place: str
    id: str | None = None
    epoch: int = 0


class Record:
    """The file, which several threads change.

    Args:
        path: of the file, which need not exist.

    Attributes:
        broken: why the file cannot be used, on one line; empty if it can be used or is missing.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._closed = False
        self._entries: dict[tuple[str, str], Logged] = {}
        self.broken = ""
        try:
            if present(path):
                self._entries = _read(path)
        except DataError as error:
            self.broken = f"{error}; the loggers start new runs"

    def of(self, logger: str, place: str) -> Logged:
        """What a logger has of the run."""
        return self._entries.get((logger, place), Logged(logger, place))

    def update(self, now: Logged) -> None:
        """Write what a logger has now; after ``close`` without effect.

        Raises:
            DataError: the file cannot be written.
        """
        with self._lock, hurried():
            if self._closed or self._entries.get((now.logger, now.place)) == now:
                return
            self._entries[now.logger, now.place] = now
            shown = [
                {"logger": each.logger, "place": each.place, "id": each.id, "epoch": each.epoch}
                for each in self._entries.values()
            ]
            replace(self._path, to_json({"loggers": shown}, indent=2) + "\n")

    def close(self) -> None:
        """Leave the file as it is from now on: the run directory may be another process's."""
        with self._lock:
            self._closed = True


def _read(path: Path) -> dict[tuple[str, str], Logged]:
    """The content of the file.

    Raises:
        DataError: it is broken.
    """
    entries = read_object(path).get("loggers")
    if not isinstance(entries, list) or not all(map(_is_entry, entries)):
        raise DataError(f"{path}: 'loggers' is not a list of runs; the file is broken")
    found = [Logged(**each) for each in entries]
    return {(each.logger, each.place): each for each in found}


def _is_entry(value: Any) -> bool:
    if not isinstance(value, Mapping) or value.keys() != {"logger", "place", "id", "epoch"}:
        return False
    epoch = value["epoch"]
    return (
        all(isinstance(value[key], str) for key in ("logger", "place"))
        and isinstance(value["id"], str | None)
        and isinstance(epoch, int)
        and not isinstance(epoch, bool)
        and epoch >= 0
    )
