"""Archives are written as a whole or not at all, and equal content leads to equal bytes."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from archives import MEMBERS, SMALL

from dlrun.errors import DataError, MachineError
from dlrun.run_directory.archive import layout
from dlrun.run_directory.archive.write import packed, write


def test_the_order_of_members_does_not_matter() -> None:
    assert packed(dict(reversed(MEMBERS.items()))) == SMALL
    changed = {**MEMBERS, "card.md": b"# other\n"}
    assert packed(changed) != SMALL


def test_a_member_beyond_its_limit_is_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "dlrun.run_directory.archive.write.LIMITS", {**layout.LIMITS, "metrics.csv": 10}
    )
    with pytest.raises(DataError, match=r"metrics\.csv has \d+ bytes, more than the limit of 10"):
        packed(MEMBERS)


def test_no_file_is_replaced_without_force(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_text("mine")
    with pytest.raises(DataError, match="exists already"):
        write(path, SMALL)
    assert path.read_text() == "mine"
    write(path, SMALL, force=True)
    assert path.read_bytes() == SMALL
    with pytest.raises(DataError, match="a folder"):
        write(tmp_path, SMALL, force=True)


def test_a_file_that_appears_meanwhile_is_not_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, sync = tmp_path / "a.zip", os.fsync

    def appear(descriptor: int) -> None:
        path.write_text("mine")
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", appear)
    with pytest.raises(DataError, match="exists already"):
        write(path, SMALL)
    assert [each.name for each in tmp_path.iterdir()] == ["a.zip"]
    assert path.read_text() == "mine"


@pytest.mark.parametrize("call", ["write", "fsync", "replace"])
def test_a_full_disk_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, call, full)
        with pytest.raises(MachineError, match="no space left"):
            write(tmp_path / "a.zip", SMALL)
    assert list(tmp_path.iterdir()) == []
