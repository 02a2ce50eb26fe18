"""``python -m experiments``: what it refuses before it trains."""

from __future__ import annotations

from pathlib import Path

import pytest

from experiments.__main__ import main


@pytest.mark.parametrize(
    ("words", "what"),
    [
        ([], "give --all, or one or more of all_together, "),
        (["--all", "tuning"], "give --all, or one or more of all_together, "),
        (["tunning"], "there is no experiment 'tunning'; there are all_together, "),
    ],
)
def test_what_to_run_is_named(
    words: list[str], what: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(words)
    assert what in capsys.readouterr().err


@pytest.mark.parametrize("more", [[], ["--resume"]])
def test_a_folder_of_someone_else_is_not_deleted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], more: list[str]
) -> None:
    mine = tmp_path / "tuning" / "mine.txt"
    mine.parent.mkdir()
    mine.write_text("mine")
    with pytest.raises(SystemExit, match="2"):
        main(["tuning", "--work", str(tmp_path), *more])
    assert f"{mine.parent} is no folder for work of an experiment" in capsys.readouterr().err
    assert mine.read_text() == "mine"
    assert [each.name for each in mine.parent.iterdir()] == ["mine.txt"]
