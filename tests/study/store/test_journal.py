from __future__ import annotations

import errno
import json
import math
import os
from pathlib import Path

import pytest
from journal_cases import BATCH, BEGUN, JOB, ended, text

from dlrun.errors import DataError, MachineError
from dlrun.study.store.journal import Journal
from dlrun.study.store.read_journal import read_journal


def test_records_come_back_in_order_and_exactly(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    assert read_journal(path) == []
    numbers = (0.1, 1e-300, 2.0**-1074, None)
    records = [BEGUN, BATCH, *map(ended, numbers), {"event": "interrupted", **JOB}]
    for record in records:
        journal = Journal(path)
        journal.append(record)
        journal.close()
    assert read_journal(path) == records


def test_values_that_json_lacks_come_back(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    values = [{"a": math.inf}, {"a": [-math.inf, {"b": math.nan}]}, {"a": {"$number": 3}}]
    batch = {"event": "batch", "suggestions": values}
    for record in (BEGUN, batch):
        journal = Journal(path)
        journal.append(record)
        journal.close()
    assert repr(read_journal(path)[1]) == repr(batch)
    for line in path.read_text().splitlines():
        json.loads(line, parse_constant=lambda word: pytest.fail(f"{word} is not JSON"))


@pytest.mark.parametrize("torn", ['{"event": "ba', "{", json.dumps(BATCH)])
def test_a_torn_line_never_happened(tmp_path: Path, torn: str) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_text(text(BEGUN) + torn)
    assert read_journal(path) == [BEGUN]
    journal = Journal(path)
    journal.append(BATCH)
    journal.close()
    assert path.read_text() == text(BEGUN, BATCH)


def test_a_journal_is_not_written_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "victim").write_text("torn")
    (tmp_path / "journal.jsonl").symlink_to("victim")
    with pytest.raises(DataError, match="symbolic link"):
        Journal(tmp_path / "journal.jsonl")
    assert (tmp_path / "victim").read_text() == "torn"


def test_a_record_that_does_not_fit_the_disk_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "journal.jsonl"
    journal, write = Journal(path), os.write
    journal.append(BEGUN)

    def half(descriptor: int, content: memoryview) -> int:
        if len(content) < 20:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(descriptor, content[: len(content) // 2])

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", half)
        with pytest.raises(MachineError, match="no space left on device; free some space"):
            journal.append(BATCH)
        journal.close()
    assert path.read_text() == text(BEGUN)
