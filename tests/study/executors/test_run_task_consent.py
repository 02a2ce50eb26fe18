from __future__ import annotations

import hashlib
import io
from collections.abc import Callable
from pathlib import Path

import pytest

from dlrun.study.executors.protocol import Failed, Hello, Task, decoded
from dlrun.study.executors.run_task import Worker

Spec = Callable[..., Path]


def said(path: Path, *plugins: str) -> str:
    """Why a run fails whose spec names a Python file, given the digests that the study has run."""
    replies = io.BytesIO()
    hello = Hello(path.read_text(), "spec.yaml", str(path.parent), plugins)
    Worker(hello, replies).do(Task({}, 1, "train.loss", str(path.parent / "run")))
    message = decoded(replies.getvalue())
    assert isinstance(message, Failed)
    return message.reason


def test_only_files_run_that_the_study_has_run(
    spec: Spec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    own = tmp_path / "own.py"
    own.write_text("1 / 0")
    path = spec(plugins=["own.py"])
    assert "own.py is Python code" in said(path)
    assert "own.py is Python code" in said(path, "0" * 64)
    assert "ZeroDivisionError" in said(path, hashlib.sha256(b"1 / 0").hexdigest())
