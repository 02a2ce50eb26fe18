"""What an archive is, for people."""

from __future__ import annotations

from pathlib import Path

import pytest
from archives import MEMBERS, SMALL, written

from dlrun.collection.archived import archive_facts
from dlrun.collection.facts import described, html_of
from dlrun.errors import DataError
from dlrun.run_directory.archive.write import packed


def test_how_it_ended_and_its_scores(tmp_path: Path) -> None:
    path = written(tmp_path, SMALL)
    assert archive_facts(path) == {"kind": "archive", "status": "done", "epochs": "2"}
    result = MEMBERS["result.json"].replace(b"null", b"0.123456")
    path = written(tmp_path, packed({**MEMBERS, "result.json": result}))
    assert archive_facts(path)["test.loss"] == "0.12346"
    assert described(path) == f"{str(path)!r}: archive, done, 2 epochs"
    assert "<th>test.loss</th><td>0.12346</td>" in html_of(path)


def test_a_broken_one_is_its_path(tmp_path: Path) -> None:
    path = written(tmp_path, SMALL[:-40])
    with pytest.raises(DataError):
        archive_facts(path)
    assert described(path) == repr(str(path))
    assert html_of(path) == f"<b>{path}</b>\n<table>\n</table>"
