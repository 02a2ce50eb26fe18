"""loggers.json, which may come from a stranger."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from dlrun.loggers.record import Logged, Record


def test_what_is_logged_is_read_again(tmp_path: Path) -> None:
    record = Record(tmp_path / "loggers.json")
    record.update(Logged("mlflow", "here", "abc", 2))
    record.update(Logged("mlflow", "there", "def", 3))
    record.update(Logged("mlflow", "here", "abc", 4))
    again = Record(tmp_path / "loggers.json")
    assert again.of("mlflow", "here") == Logged("mlflow", "here", "abc", 4)
    assert again.of("mlflow", "there") == Logged("mlflow", "there", "def", 3)
    assert again.of("wandb", "here") == Logged("wandb", "here", None, 0)
    assert not again.broken


def test_nothing_is_written_after_the_end(tmp_path: Path) -> None:
    record = Record(tmp_path / "loggers.json")
    record.close()
    record.update(Logged("mlflow", "here", "abc", 2))
    assert not (tmp_path / "loggers.json").exists()


ENTRY = {"logger": "mlflow", "place": "here", "id": "abc", "epoch": 2}


@pytest.mark.parametrize(
    "content",
    [
        [],
        {},
        {"loggers": {}},
        {"loggers": [1]},
        {"loggers": [{**ENTRY, "more": 1}]},
        {"loggers": [{**ENTRY, "id": 5}]},
        {"loggers": [{**ENTRY, "place": None}]},
        *({"loggers": [{**ENTRY, "epoch": epoch}]} for epoch in (-1, 1.5, True, "1", None)),
    ],
)
def test_a_broken_file_is_not_used(tmp_path: Path, content: Any) -> None:
    path = tmp_path / "loggers.json"
    path.write_text(json.dumps(content))
    record = Record(path)
    assert record.broken.startswith(str(path))
    assert record.broken.endswith("; the loggers start new runs")
    assert record.of("mlflow", "here") == Logged("mlflow", "here")


@pytest.mark.parametrize("make", [os.mkfifo, lambda path: path.symlink_to("/etc/passwd")])
def test_links_and_pipes_are_not_read(tmp_path: Path, make: Any) -> None:
    make(tmp_path / "loggers.json")
    assert "loggers.json" in Record(tmp_path / "loggers.json").broken
