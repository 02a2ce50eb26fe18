"""A folder of runs, and its board without a server."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from asgi import Answer, ask
from run_folders import write_run

from dlrun.web.watcher import Watcher

Get = Callable[..., Answer]


@pytest.fixture
def runs(tmp_path: Path) -> Path:
    """Three runs of one experiment; the first is the oldest and has the smallest loss."""
    folder = tmp_path / "runs"
    for number, (loss, rate) in enumerate([(0.1, 0.01), (0.2, 0.1), (0.3, 1.0)], start=1):
        write_run(
            folder / "moons" / f"2026110{number}-120000-aaaaa{number}",
            (0.5, loss),
            lr=rate,
            time=f"2026-11-0{number}T12:00:00Z",
        )
    return folder


@pytest.fixture
def watcher(runs: Path) -> Watcher:
    return Watcher([runs])


@pytest.fixture
def get(watcher: Watcher) -> Get:
    """Asks the board, which has no token."""
    pytest.importorskip("starlette")
    from dlrun.web.app import application

    app = application(watcher, "127.0.0.1", 7070, None)

    def asked(path: str, query: str = "", **keys: Any) -> Answer:
        return ask(app, path, query=query, **keys)

    return asked
