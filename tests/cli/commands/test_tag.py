"""``dlrun tag``, and words for runs in other commands."""

from __future__ import annotations

from pathlib import Path

import pytest
from run_folders import write_run

import dlrun
from dlrun.cli.app import run
from dlrun.cli.completion import runs, studies
from dlrun.cli.options import current_words
from dlrun.errors import DataError
from dlrun.run_directory.tags import Tags, read_tags

A, B = "20261101-120000-aaaaaa", "20261102-120000-bbbbbb"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write_run(tmp_path / "runs" / "moons" / A, (0.1,))
    write_run(tmp_path / "runs" / "moons" / B, (0.2,))
    return tmp_path


def test_tags_are_added_removed_and_listed(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["tag", "latest", "moons@best", "+x", "+paper", "--note", "-v"]) == 0
    assert run(["tag", "latest", "-x"]) == 0
    capsys.readouterr()
    assert run(["tag", "latest", A]) == 0
    path = Path("runs/moons")
    assert capsys.readouterr().out == f"{path / B}  paper (-v)\n{path / A}  paper x (-v)\n"
    assert read_tags(path / A) == Tags(("paper", "x"), "-v")
    assert run(["tag", A, "-paper", "-x", "--note", ""]) == 0
    assert capsys.readouterr().out == f"{path / A}  no tags\n"
    assert not (path / A / "tags.json").exists()


def test_nothing_is_changed_after_an_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["tag", "latest", "nothing", "+x"]) == 2
    assert capsys.readouterr().err.startswith("nothing: no such run directory; ")
    assert run(["tag", "latest", "baseline"]) == 2
    assert "; to add or remove a tag, write +baseline or -baseline\n" in capsys.readouterr().err
    assert run(["tag", "latest", "+a b"]) == 2
    assert run(["tag", "runs", "+a"]) == 2
    assert capsys.readouterr().err.endswith("runs: neither a run nor a study directory\n")
    assert read_tags(Path("runs/moons") / B) == Tags()


def test_only_words_of_tag_are_tags() -> None:
    assert current_words(["tag", "a", "-b", "+c", "-h", "--note", "+d"]) == [
        *("tag", "a", "--remove=b", "--add=c", "-h", "--note", "+d")
    ]
    assert current_words(["train", "+a", "-q"]) == ["train", "+a", "-q"]


def test_the_function_does_the_same() -> None:
    assert dlrun.tag("latest", ["b", "a"], note="n") == Tags(("a", "b"), "n")
    assert dlrun.tag("latest", remove=["a"]) == dlrun.tag("latest") == Tags(("b",), "n")
    with pytest.raises(DataError, match="neither a run nor a study"):
        dlrun.tag("runs", ["a"])


def test_other_commands_take_words(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["diff", "latest", B]) == 4  # both are one run, whose weights are missing
    assert "metrics.csv" not in capsys.readouterr().out
    assert run(["diff", "latest", "moons@best"]) == 4
    assert "metrics.csv" in capsys.readouterr().out
    assert run(["evaluate", "2026"]) == 2
    assert capsys.readouterr().err.startswith("2026: 2 runs are called that: ")


def test_words_are_completed_unless_a_file_is_meant(folder: Path) -> None:
    assert runs("lat") == ["latest"]
    assert runs("runs/mo") == runs("") == runs("r") == []
    assert studies("lat") == []
