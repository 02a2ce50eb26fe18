"""The records of a journal, read and checked line by line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from dlrun.errors import DataError
from dlrun.run_directory.access import LARGEST, present, read_text
from dlrun.run_directory.json_text import parsed
from dlrun.run_directory.usable import usable
from dlrun.search.suggestion import unsealed
from dlrun.study.store.job import is_name
from dlrun.study.store.records import CHOSEN, RECORD, VERSION, VERSIONS


def read_journal(path: Path) -> list[dict[str, Any]]:
    """The records of a journal; empty if the file does not exist.

    Raises:
        DataError: a line is not a record.
    """
    if not present(path):
        return []
    reader = _Reader(path)
    for number, line in enumerate(read_text(path, LARGEST).split("\n")[:-1], start=1):
        reader.add(line, number)
    return reader.records


class _Reader:
    """Reads the lines of a journal in turn, and refuses one that no study would have written."""

    def __init__(self, path: Path) -> None:
        self.records: list[dict[str, Any]] = []
        self._path = path
        self._trials = 0
        self._goals: Sequence[str] = ()
        self._repeats = 1

    def add(self, line: str, number: int) -> None:
        """Read a line.

        Raises:
            DataError: it is not a record.
        """
        record = parsed(line, str(self._path), number)
        wrong = self._error(record, line)
        if wrong:
            raise DataError(f"{self._path}:{number}: {wrong}")
        record |= {key: unsealed(record[key]) for key in record.keys() & CHOSEN}
        if record["event"] in ("batch", "enqueued", "generation"):
            self._trials += len(record["suggestions"])
        elif record["event"] == "sampler":
            self._trials = record["kept"]
        elif record["event"] == "study":
            self._goals = _goals(record["identity"])
            self._repeats = record["identity"].get("repeats", 1)
        self.records.append(record)

    def _error(self, record: Any, line: str) -> str:
        """The error of a record that follows the others; empty if there is none."""
        if isinstance(record, dict) and record.get("event") == "study":
            if record.get("version", VERSION) not in VERSIONS:
                version, readable = str(record["version"])[:20], " and ".join(map(str, VERSIONS))
                return (
                    f"the study has format version {version}, and this dlrun reads {readable}; "
                    "continue with the dlrun that began it, or give the sweep another name"
                )
            if self.records:
                return "a second study begins here; the file is broken"
        elif not self.records:
            return "not a journal of a study: the record of the study is missing"
        try:
            known = RECORD.validate_json(line, strict=True)  # of JSON, in which objects are dicts
        except ValidationError as error:
            detail = error.errors()[0]
            place = "".join(f"{step}: " for step in detail["loc"])
            return f"not a record of a study, the file is broken: {place}{detail['msg'].lower()}"
        numbers = [*known.get("trials", ()), *([known["trial"]] if "trial" in known else [])]
        numbers += known.get("replaced", ())
        numbers += [each["parent"] for each in known.get("forks", ())]
        numbers += [known["kept"] - 1] if known.get("kept") else []
        unknown = [number for number in numbers if number >= self._trials]
        if unknown:
            return f"trial {unknown[0]} has not been suggested before; the file is broken"
        if known["event"] == "turn" and len(known["trials"]) != len(known["epochs"]):
            return "a turn needs as many epochs as trials; the file is broken"
        if known["event"] == "generation" and (wrong := self._wrong_forks(known)):
            return f"{wrong}; the file is broken"
        outcome = known.get("outcome")
        named = known.get("directory", "") if outcome is None else outcome.directory
        if named and not is_name(named, known["trial"], known["repeat"]):
            return f"{named[:80]!r} is not the name of this run's directory; the file is broken"
        if outcome is not None and outcome.status == "completed":
            missing = [name for name in self._goals if outcome.scores.get(name) is None]
            if missing:
                return f"{missing[0]} of a completed run is missing; the file is broken"
            known_scores = ((n, each) for n, each in outcome.scores.items() if each is not None)
            if large := [name for name, value in known_scores if usable(value) is None]:
                return f"{large[0][:80]} is too large for a score; the file is broken"
        return ""

    def _wrong_forks(self, record: Mapping[str, Any]) -> str:
        """What is wrong with the forks of a generation; empty if nothing is."""
        new = range(self._trials, self._trials + len(record["suggestions"]))
        if [each["trial"] for each in record["forks"]] != list(new):
            return "a generation needs one fork for each of its suggestions"
        for fork in record["forks"]:
            for repeat, name in enumerate(fork["directories"]):
                if not is_name(name, fork["trial"], repeat):
                    return f"{name[:80]!r} is not the name of this run's directory"
            if len(fork["directories"]) != self._repeats:
                return f"a fork needs {self._repeats} directories"
        return ""


def _goals(identity: Mapping[str, Any]) -> list[str]:
    """The names of a study's objectives."""
    value = identity.get("objective")
    objectives = value if isinstance(value, list) else [value]
    goals = [score for goal in objectives if isinstance(goal, dict) for score in goal.values()]
    return [score for score in goals if isinstance(score, str)]
