"""The results of a study that cannot be written are shown without pictures."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from studies import end, study, write

from dlrun.api.study import Study
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
