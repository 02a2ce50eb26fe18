from __future__ import annotations

from pathlib import Path

import pytest
from run_folders import write_run

from dlrun.collection import collect as module
from dlrun.collection.collect import collect
from dlrun.collection.index import FILE
from dlrun.collection.memory import Memory
from dlrun.run_directory.tags import Tags, write_tags


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The directories that are read, not remembered."""
    found: list[str] = []
    original = module._read

    def noted(place: module.Place) -> module.Entry:
        found.append(Path(place.directory).name)
        return original(place)

    monkeypatch.setattr(module, "_read", noted)
    return found


def test_only_what_has_changed_is_read_again(tmp_path: Path, read: list[str]) -> None:
    runs, memory = tmp_path / "runs", Memory()
    first = write_run(runs / "moons" / "20261101-120000-aaaaaa")
    write_run(runs / "moons" / "20261102-120000-bbbbbb")
    collect([runs], memory=memory)
    assert len(read) == 2
    read.clear()
    (runs / FILE).unlink()
    assert len(collect([runs], memory=memory).entries) == 2
    assert read == []
    write_tags(first, Tags(("good",), ""))
    write_run(runs / "moons" / "20261103-120000-cccccc")
    assert len(collect([runs], memory=memory).entries) == 3
    assert sorted(read) == [first.name, "20261103-120000-cccccc"]
    assert not (runs / FILE).exists()


def test_what_was_removed_is_forgotten(tmp_path: Path) -> None:
    runs, memory = tmp_path / "runs", Memory()
    run = write_run(runs / "moons" / "20261101-120000-aaaaaa")
    collect([runs], memory=memory)
    run.rename(tmp_path / "else")
    assert collect([runs], memory=memory).entries == ()


def test_no_index_is_written_if_it_must_not_be(tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    write_run(runs / "moons" / "20261101-120000-aaaaaa")
    assert len(collect([runs], write=False).entries) == 1
    assert not (runs / FILE).exists()
