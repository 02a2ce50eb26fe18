"""Runs in Trackio, in a database that is read as it is."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from logged_runs import END, epochs, logged, run_in

from dlrun.loggers.trackio import Trackio


def rows(folder: Path, query: str) -> list[tuple[Any, ...]]:
    (file,) = folder.glob("*.db")
    with closing(sqlite3.connect(file)) as database:
        return list(database.execute(query))


def test_a_run_and_its_resumption(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = tmp_path / "store"
    monkeypatch.setenv("TRACKIO_DIR", str(store))
    logger = Trackio(project="mine", artifacts=True, tags={"team": "blue"})
    run = run_in(tmp_path / "study" / "0001", group=tmp_path / "study", resolved=True)
    assert logged(logger, run, epochs(1, 2)) == []
    assert logged(logger, run, [*epochs(1, 3), END]) == []
    found = rows(store, "select run_name, step, metrics from metrics order by id")
    assert {name for name, _, _ in found} == {"unique-0001"}
    values = [(step, json.loads(metrics)) for _, step, metrics in found]
    assert [(step, each.get("train/loss")) for step, each in values] == [
        (1, 1.0),
        (2, 0.5),
        (3, 1 / 3),
        (3, None),
    ]
    assert values[-1][1]["final/test/loss"] == 0.25
    assert values[-1][1]["ended_by"] == "epochs"
    configs = [json.loads(text) for (text,) in rows(store, "select config from configs")]
    assert configs[0]["optimizer.adam.lr"] == 0.01
    assert configs[0]["tags.team"] == "blue"
    assert configs[0]["_Group"] == "study"
    assert b"name: small\n" in [
        path.read_bytes() for path in (store / "artifacts").rglob("*") if path.is_file()
    ]


def test_a_full_disk_is_one_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "store").write_text("not a folder")
    monkeypatch.setenv("TRACKIO_DIR", str(tmp_path / "store"))
    (warning,) = logged(Trackio(), run_in(tmp_path / "run"), [*epochs(1, 3), END])
    assert warning.startswith("log: trackio is switched off for this run: ")
