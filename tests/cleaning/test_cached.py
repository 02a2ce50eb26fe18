"""The caches: what was unused for longest goes first, and only files that dlrun has made."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

import dlrun
from dlrun.cleaning.cached import over
from dlrun.cleaning.delete import delete


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("DLRUN_CACHE", str(tmp_path))
    return tmp_path


def entry(cache: Path, name: str, size: int, used: int) -> Path:
    path = cache / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"x" * size)
    os.utime(path, (used, used))
    return path


def test_the_least_recently_used_go_first(cache: Path) -> None:
    old, new = f"{1:032x}", f"{2:032x}"
    files = [entry(cache, f"images/{old}.{end}", 100, 1_000) for end in ("npy", "json")]
    kept = [entry(cache, f"images/{new}.npy", 100, 3_000)]
    kernel = entry(cache, f"kernels/conv.unroll-{new}", 100, 2_000)
    assert over(400) == []
    assert [each.files for each in over(399)] == [(f"{old}.json", f"{old}.npy")]
    for each in over(100):
        delete(each)
    assert not any(path.exists() for path in (*files, kernel))
    assert all(path.exists() for path in kept)
    assert len(over(0)) == 1


def test_other_files_and_links_stay(cache: Path, tmp_path: Path) -> None:
    mine = [
        entry(cache, "images/notes.txt", 100, 1),
        entry(cache, f"images/{1:031x}.npy", 100, 1),
        entry(cache, f"other/{1:032x}.npy", 100, 1),
    ]
    (cache / "images" / f"{2:032x}.npy").symlink_to(mine[0])
    (cache / "recordings").symlink_to(cache / "other")
    assert over(0) == []


def test_what_was_used_lately_stays(cache: Path) -> None:
    old = entry(cache, f"images/{1:032x}.npy", 100, 1_000)
    new = entry(cache, f"images/{2:032x}.npy", 100, int(time.time()) - 60)
    (found,) = dlrun.clean(cache_over="0B", older_than="1h").deletions
    assert found.files == (old.name,)
    assert len(dlrun.clean(cache_over="0B").deletions) == 2
    dlrun.clean(cache_over="0B", older_than="1h", delete=True)
    assert new.exists() and not old.exists()
