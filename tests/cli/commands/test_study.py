"""The results of a study that cannot be written are shown without pictures."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import pytest
from studies import end, study, write

from dlrun.api.study import Study
from dlrun.cli.app import run
from dlrun.cli.commands.study import study as show
from dlrun.errors import DataError
from dlrun.run_directory.access import writing
from dlrun.study.batches import batch
from dlrun.study.store.job import Job


@pytest.mark.usefixtures("pictures")
@pytest.mark.parametrize("number", [errno.EROFS, errno.EACCES, errno.ENOSPC])
def test_a_folder_that_is_only_for_reading_has_no_pictures(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    number: int,
) -> None:
    with study(tmp_path) as ledger:
        batch(ledger, 0)
        end(ledger, Job(0, 0), {"validation.loss": 0.5})
        write(ledger)
        path = ledger.directory.path

    def refused(_: Study) -> tuple[Path, ...]:
        with writing(path / "plots"):
            raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Study, "draw", refused)
    if number == errno.ENOSPC:
        with pytest.raises(DataError, match="no space left"):
            show(path)
        return
    show(path)
    printed = capsys.readouterr()
    assert "0.5" in printed.out
    assert printed.err.startswith("no pictures: ") and "plots: cannot write it" in printed.err


def test_a_note_says_which_study_the_beginning_of_a_name_means(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    with study(tmp_path, "search") as ledger:
        batch(ledger, 0)
        end(ledger, Job(0, 0), {"validation.loss": 0.5})
        write(ledger)
    for word, change, said in (
        ("sea", "--forget", "sea is studies/search\n"),
        ("search", "--remember", ""),
        ("studies/search", "--forget", ""),
    ):
        assert run(["study", word, change, "0"]) == 0
        assert capsys.readouterr().err == said


def test_claims_that_are_not_tested_yet_are_named(tmp_path: Path) -> None:
    claim = {"better": {"params.units": 8}, "than": {"params.units": 4}}
    keys = {"search": "grid", "space": {"params.units": [4, 8]}, "repeats": 2}
    with study(tmp_path, **keys, claims=[{"eight are better": claim}]) as ledger:
        batch(ledger, 0)
        for trial, repeat in ((0, 0), (0, 1), (1, 0)):
            end(ledger, Job(trial, repeat), {"validation.loss": 0.5 - 0.1 * trial})
        write(ledger)
        path = ledger.directory.path
        found = Study(path)
        assert json.loads(found.as_json())["untested"] == ["eight are better"]
        assert "Claims are tested once all trials have ended: 'eight are better'." in (
            found.as_markdown()
        )
        end(ledger, Job(1, 1), {"validation.loss": 0.4})
    found = Study(path)
    assert json.loads(found.as_json())["untested"] == []
    assert "Claims are tested" not in found.as_markdown() and len(found.verdicts) == 1
