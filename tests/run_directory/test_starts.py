"""What is written of a start, a resume or a restart is read back, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from dlrun.errors import DataError
from dlrun.run_directory.starts import append_start, read_starts
from dlrun.training.events import Restarted, RunStarted, as_json

SAMPLES = {"train": 1_234_567, "validation": 40, "test": 1}
STARTED = RunStarted("a  name\n", 1_000, 1, SAMPLES, 45_678, "validation.loss", None)
EVENTS = [
    as_json(STARTED),
    as_json(Restarted("the loss is NaN; restarting\u2028from here", 0, 0.5, 2, 3)),
    as_json(RunStarted("x", 3, 2, {}, 1, "train.loss", 7, 12, 5)),
]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "starts.jsonl"


def test_a_run_of_an_older_version_has_none(path: Path) -> None:
    assert read_starts(path) == []


def test_events_are_read_as_they_were_written(path: Path) -> None:
    for event in EVENTS:
        append_start(path, event)
    assert read_starts(path) == EVENTS
    assert path.read_text().count("\n") == len(EVENTS)


def test_a_line_that_a_kill_has_left_incomplete_is_replaced(path: Path) -> None:
    append_start(path, EVENTS[0])
    whole = path.read_bytes()
    with path.open("ab") as file:
        file.write(whole[:-1])
    assert read_starts(path) == EVENTS[:1]
    append_start(path, EVENTS[1])
    assert read_starts(path) == EVENTS[:2]


def test_fields_of_a_newer_version_are_ignored(path: Path) -> None:
    append_start(path, {**EVENTS[0], "weather": "sunny"})
    assert read_starts(path) == EVENTS[:1]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"event": "epoch"}, "'event' must be run_started or restarted"),
        ({"event": ["run_started"]}, "'event' must be run_started or restarted"),
        ({"epochs": 1.0}, "'epochs' cannot be '1.0'"),
        ({"epochs": True}, "'epochs' cannot be 'True'"),
        ({"steps": -1}, "'steps' cannot be '-1'"),
        ({"parameters": 10**20}, "'parameters' cannot be"),
        ({"samples": {"train": "3"}}, "'samples' cannot be"),
        ({"monitor": None}, "'monitor' cannot be 'None'"),
        ({"patience": "many"}, "'patience' cannot be 'many'"),
    ],
)
def test_a_broken_line_is_named(path: Path, change: dict[str, Any], words: str) -> None:
    append_start(path, EVENTS[1])
    append_start(path, {**EVENTS[0], **change})
    with pytest.raises(DataError, match=r"starts\.jsonl:2: ") as caught:
        read_starts(path)
    assert words in str(caught.value)


@pytest.mark.parametrize("text", ["x", "[]", "{}", json.dumps({"event": "restarted"})])
def test_other_lines_are_named(path: Path, text: str) -> None:
    path.write_text(f"{text}\n")
    with pytest.raises(DataError, match=r"starts\.jsonl:1:"):
        read_starts(path)
