"""The command line as a process, to compare with the functions."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from warm import WarmProcess

from dlrun.run_directory.json_text import to_json


@pytest.fixture
def command(tmp_path: Path, warm: WarmProcess) -> Callable[..., str]:
    """Runs a command in ``tmp_path``; its output."""

    def run(*words: str | Path, code: int = 0) -> str:
        done = warm.run(list(map(str, words)), tmp_path, DLRUN_KERNELS="numpy")
        assert done.returncode == code, done.stderr
        return done.stdout

    return run


@pytest.fixture(autouse=True)
def numpy_kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing here is worth compiling kernels for."""
    monkeypatch.setenv("DLRUN_KERNELS", "numpy")


@pytest.fixture
def in_json() -> Callable[[Any], Any]:
    """A result as it is after printing it in JSON and reading it."""

    def through(value: Any) -> Any:
        return json.loads(to_json(value))

    return through
