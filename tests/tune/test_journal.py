from __future__ import annotations

from pathlib import Path

import pytest

from dlrun.errors import DataError
from dlrun.tune.journal import Journal, read_journal


def test_records_come_back_in_order_and_exactly(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    assert read_journal(path) == []
    records = [{"event": "ended", "value": value} for value in (0.1, 1e-300, 2.0**-1074, None)]
    for record in records:
        journal = Journal(path)
        journal.append(record)
        journal.close()
    assert read_journal(path) == records


@pytest.mark.parametrize("torn", ['{"event": "ba', "{", '{"event": "batch"}'])
def test_a_torn_line_never_happened(tmp_path: Path, torn: str) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_text('{"event": "study"}\n' + torn)
    assert read_journal(path) == [{"event": "study"}]
    journal = Journal(path)
    journal.append({"event": "batch"})
    journal.close()
    assert path.read_text() == '{"event": "study"}\n{"event": "batch"}\n'


@pytest.mark.parametrize("line", ["{", "[]", "{}"])
def test_a_broken_line_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "journal.jsonl"
    path.write_text(f'{{"event": "study"}}\n{line}\n{{"event": "batch"}}\n')
    with pytest.raises(DataError, match=r"journal\.jsonl:2:"):
        read_journal(path)
