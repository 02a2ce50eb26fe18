"""``dlrun.suggest`` and ``dlrun.report_result``."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sweeps import write_sweep

import dlrun
from dlrun.errors import DataError, InputError


def test_asking_and_telling_in_turns(
    tmp_path: Path, command: Callable[..., str], in_json: Callable[[Any], Any]
) -> None:
    sweep = write_sweep(tmp_path, search={"random": {"trials": 4}})
    here, there = tmp_path / "here", tmp_path / "there"
    for number, score in enumerate((0.5, {"validation.loss": 0.25})):
        suggested = dlrun.suggest(sweep, out=here)
        printed = json.loads(command("suggest", sweep, "--out", there, "--json"))
        assert suggested is not None
        assert {**in_json(suggested.as_json()), "study": ""} == {**printed, "study": ""}
        assert (suggested.run, suggested.study) == (str(number), here)
        dlrun.report_result(here, suggested.run, score)
        value = str(score) if isinstance(score, float) else "validation.loss=0.25"
        command("report-result", there, suggested.run, value)
    lost, failing = dlrun.suggest(here), dlrun.suggest(here)
    assert lost is not None and failing is not None
    dlrun.report_result(here, lost.run, lost=True)
    dlrun.report_result(here, failing.trial, failed="no machine")  # of one seed, the same
    again = dlrun.suggest(here)
    assert again == lost
    assert dlrun.suggest(here) is None
    run = dlrun.train(sweep_spec(sweep), dict(again.settings), runs=tmp_path / "runs")
    dlrun.report_result(here, again.run, directory=run.path)
    study = dlrun.Study(here)
    assert study.failed == 1
    assert [trial.status for trial in study.trials].count("completed") == 3


def sweep_spec(sweep: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(sweep.read_text())["spec"]
    return content


def test_what_cannot_be_reported(tmp_path: Path) -> None:
    sweep = write_sweep(tmp_path, search={"random": {"trials": 2}})
    study = tmp_path / "study"
    suggested = dlrun.suggest(sweep, out=study)
    assert suggested is not None
    with pytest.raises(InputError, match="give a value"):
        dlrun.report_result(study, "0")
    with pytest.raises(InputError, match="give a value"):
        dlrun.report_result(study, "0", 0.5, lost=True)
    with pytest.raises(DataError):
        dlrun.report_result(study, "0", float("nan"))
    with pytest.raises(InputError, match="is a study"):
        dlrun.suggest(study, {"repeats": 2})
