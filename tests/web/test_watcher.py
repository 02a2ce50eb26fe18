from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from page_studies import made
from run_folders import write_run
from waiting import wait_for

from dlrun.errors import DataError
from dlrun.web import watcher as module
from dlrun.web.listing import key_of
from dlrun.web.watcher import Watcher


def test_a_new_run_is_listed_and_a_removed_one_is_not(runs: Path, watcher: Watcher) -> None:
    first = watcher.listing()
    assert len(first.entries) == len(first.by_key) == 3
    assert watcher.refresh() is first
    run = write_run(runs / "moons" / "20261104-120000-bbbbbb", time="2026-11-04T12:00:00Z")
    second = watcher.refresh()
    assert second.revision == first.revision + 1
    assert second.entries[0].id == run.name
    shutil.rmtree(run)
    assert key_of(str(run)) not in watcher.refresh().by_key


def test_runs_of_a_study_are_inner_ones(tmp_path: Path) -> None:
    made(tmp_path, trials=3)
    listing = Watcher([tmp_path / "studies"]).listing()
    assert [entry.kind for entry in listing.outer] == ["study"]
    assert sorted(entry.kind for entry in listing.entries) == ["run", "run", "run", "study"]
    alone = Watcher([tmp_path / "studies" / "search"]).listing()
    assert len(alone.outer) == 3


def test_whatever_a_folder_has_the_page_stays(
    runs: Path, watcher: Watcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = watcher.listing()

    def broken(*_: object, **__: object) -> None:
        raise OverflowError("intermediate overflow in fsum")

    with monkeypatch.context() as patched:
        patched.setattr(module, "collect", broken)
        listing = watcher.refresh()
    said = "the folders cannot be read (OverflowError: intermediate overflow in fsum)"
    assert listing.notes == (said,) and listing.entries == before.entries
    write_run(runs / "moons" / "20261104-120000-cccccc", time="2026-11-04T12:00:00Z")
    after = watcher.refresh()
    assert len(after.entries) == len(before.entries) + 1 and not after.notes


def test_a_folder_that_disappears_is_a_note(runs: Path, watcher: Watcher) -> None:
    runs.rename(runs.with_name("else"))
    listing = watcher.refresh()
    assert "no such folder" in listing.notes[0]
    assert len(listing.entries) == 3
    assert watcher.refresh() is listing
    runs.with_name("else").rename(runs)
    assert watcher.refresh().notes == ()


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such folder"):
        Watcher([tmp_path / "missing"])


def test_the_thread_reads_while_someone_asks(
    runs: Path, watcher: Watcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_INTERVAL", 0.01)
    monkeypatch.setattr(module, "_REST", 0.0)
    watcher.start()
    try:
        write_run(runs / "moons" / "20261104-120000-bbbbbb")
        wait_for(lambda: len(watcher.listing().entries) == 4)
    finally:
        watcher.stop()
