"""Studies whose runs somebody else trains."""

from __future__ import annotations

from pathlib import Path

import pytest
from sweeps import journal, write_sweep

from dlrun.cli.app import run
from dlrun.study import ask_tell, reported


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["7", "0.5"], "no run 7; runs that wait for a result: 0"),
        (["0", "good"], "'good' is not a score; write 0.3 or validation.loss=0.3"),
        (["0", "nan"], "validation.loss of run 0 is not a finite number"),
        (["0", "1.7e308"], "validation.loss of run 0 is too large"),
        (["0", "validation.accuracy=1"], "validation.loss of run 0 is missing"),
        (["0"], "give a value, or one of --from, --failed and --lost"),
        (["0", "1", "--lost"], "give a value, or one of --from, --failed and --lost"),
        (["0", "--from", "nowhere"], "nowhere"),
        (["--", "0", "--lots"], "'--lots' is not a score"),
    ],
)
def test_a_report_that_makes_no_sense(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    study = tmp_path / "study"
    plan, directory = ask_tell.begin(write_sweep(tmp_path), [], study)
    assert ask_tell.ask(plan, directory) is not None
    assert run(["report-result", str(study), *words]) == 2
    assert said in capsys.readouterr().err
    assert [each["event"] for each in journal(study)][-1] == "started"


def test_a_run_is_reported_once(tmp_path: Path) -> None:
    study = tmp_path / "study"
    plan, directory = ask_tell.begin(write_sweep(tmp_path), [], study)
    assert ask_tell.ask(plan, directory) is not None
    ask_tell.report(plan, directory, "0", reported.scored(plan, ["0.5"]))
    with pytest.raises(ask_tell.DataError, match="run 0 is already reported"):
        ask_tell.report(plan, directory, "0", reported.failed("no"))
