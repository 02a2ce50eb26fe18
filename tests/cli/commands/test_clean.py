"""``dlrun clean``: what it prints."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import pytest
from run_folders import write_run

from dlrun.cleaning.deletion import Deletion
from dlrun.cli.app import run
from dlrun.errors import MachineError

ID = "20261101-120000-aaaaaa"


@pytest.fixture(autouse=True)
def broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "runs" / "my moons" / ID
    path.mkdir(parents=True)
    (path / "spec.yaml").write_text("x" * 100)
    write_run(tmp_path / "runs" / "moons" / "20261102-120000-bbbbbb")
    return path


def test_the_command_that_is_shown_deletes_it(
    broken: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["clean", "runs", "--broken", "--older-than", "0s"]) == 0
    listed, total, command = capsys.readouterr().out.splitlines()
    assert listed == f"   100 B  broken     runs/my moons/{ID}  everything"
    assert total == "would delete 100 B in 1 place"
    assert broken.exists()
    words = shlex.split(command.removeprefix("delete it with: dlrun "))
    assert words == ["clean", "runs", "--broken", "--older-than", "0s", "--delete"]
    assert run(words) == 0
    assert capsys.readouterr().out == f"{listed}\ndeleted 100 B in 1 place\n"
    assert not broken.exists()
    assert run(words) == 0
    assert capsys.readouterr().out == "nothing to delete\n"


def test_json_has_everything(broken: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["clean", "--json", "--delete"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["deleted"], found["size"], found["notes"]) == (True, 100, [])
    assert found["deletions"] == [
        {
            "directory": f"runs/my moons/{ID}",
            "rule": "broken",
            "files": ["spec.yaml"],
            "size": 100,
            "whole": True,
        }
    ]


def test_wrong_options(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["clean", "--cache-over", "many"]) == 2
    assert "--cache-over: 'many' is not a size" in capsys.readouterr().err
    assert run(["clean", "none"]) == 2


def test_what_cannot_be_deleted_is_an_error(
    broken: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(planned: Deletion) -> Deletion:
        raise MachineError(f"{planned.directory}: cannot write it: read-only file system")

    monkeypatch.setattr("dlrun.cleaning.delete.delete", fail)
    assert run(["clean", "--delete"]) == 2
    out, err = capsys.readouterr()
    assert out == "nothing deleted\n"
    assert err.endswith("cannot write it: read-only file system\n")
    assert run(["clean", "--delete", "--json"]) == 2
