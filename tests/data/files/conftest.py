"""Every test of data files has its own cache folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from dlrun.data.files import source_file

OLD = 10 * 365 * 86_400 * 10**9
"""Nanoseconds that files seem older than they are."""


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DLRUN_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "images"


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files were changed long before they are looked at, as those of most users were."""
    now = source_file.time.time_ns
    monkeypatch.setattr(source_file.time, "time_ns", lambda: now() + OLD)
