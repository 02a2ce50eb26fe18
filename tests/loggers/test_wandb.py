"""Offline runs of Weights & Biases, whose files are read with its messages."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import pytest
from logged_runs import END, epochs, logged, run_in

from dlrun.loggers.wandb import Wandb


def records(file: Path) -> list[Any]:
    """The records of a file: seven bytes, then LevelDB's log format in blocks of 32 KiB."""
    from wandb.proto.wandb_internal_pb2 import Record

    content = file.read_bytes()
    assert len(content) < 2**15
    found, position = [], 7
    while position < len(content):
        _, size, kind = struct.unpack_from("<IHB", content, position)
        assert kind == 1  # a whole record
        found.append(Record.FromString(content[position + 7 : position + 7 + size]))
        position += 7 + size
    return found


def test_a_run_and_its_resumption(tmp_path: Path) -> None:
    logger = Wandb(project="mine", artifacts=True, tags={"team": "blue"})
    run = run_in(tmp_path / "study" / "0001", group=tmp_path / "study", resolved=True)
    assert logged(logger, run, epochs(1, 2)) == []
    assert logged(logger, run, [*epochs(1, 3), END]) == []
    folder = Path(run.directory) / "wandb"
    files = sorted(folder.rglob("*.wandb"), key=lambda each: each.stat().st_mtime_ns)
    found = [record for file in files for record in records(file)]
    runs = [record.run for record in found if record.HasField("run")]
    assert {(each.run_id, each.project, each.run_group) for each in runs} == {
        ("unique-0001", "mine", "study")
    }
    assert list(runs[0].tags) == ["team: blue"]
    config = {each.key or each.nested_key[0]: each.value_json for each in runs[0].config.update}
    assert json.loads(config["optimizer.adam.lr"]) == 0.01
    history = [
        {item.key or item.nested_key[0]: json.loads(item.value_json) for item in each.history.item}
        for each in found
        if each.HasField("history")
    ]
    assert [(each["epoch"], each["train/loss"]) for each in history] == [
        (1, 1.0),
        (2, 0.5),
        (3, 1 / 3),
    ]
    summary = {
        item.key or item.nested_key[0]: json.loads(item.value_json)
        for each in found
        for item in each.summary.update
    }
    assert (summary["final/test/loss"], summary["ended_by"]) == (0.25, "epochs")
    assert [each.artifact.name for each in found if each.HasField("artifact")]


def test_no_account_is_one_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("WANDB_API_KEY", raising=False)
    monkeypatch.setenv("WANDB_BASE_URL", "http://127.0.0.1:9")
    run = run_in(tmp_path / "run")
    (warning,) = logged(Wandb(mode="online"), run, [*epochs(1, 3), END])
    assert warning.startswith("log: wandb is switched off for this run: ")
