"""``dlrun.tune`` and ``dlrun.Study``."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from sweeps import write_sweep

import dlrun
from dlrun.errors import DataError, InputError, SpecError


@pytest.fixture
def study(tmp_path: Path) -> dlrun.Study:
    sweep = write_sweep(tmp_path, search={"random": {"trials": 12}})
    return dlrun.tune(sweep, {"spec.epochs": 1}, jobs=1, studies=tmp_path / "studies")


@pytest.mark.usefixtures("pictures")
@pytest.mark.slow
def test_a_study_is_what_the_command_prints(
    study: dlrun.Study, command: Callable[..., str], in_json: Callable[[Any], Any]
) -> None:
    for option, text in (
        ("--json", study.as_json()),
        ("--csv", study.as_csv()),
        ("--md", study.as_markdown()),
    ):
        assert command("study", study.path, option).rstrip("\n") == text.rstrip("\n")
    assert [trial.number for trial in study.trials] == list(range(12))
    assert (study.failed, list(study.verdicts), study.front) == (0, [], ())
    best, board = study.best, json.loads(study.as_json())
    assert best is not None
    assert best.trial == board["winner"] == board["trials"][0]["trial"]
    assert in_json(best.settings) == board["trials"][0]["suggestion"]
    assert best.scores["validation.loss"] == board["trials"][0]["value"]["mean"]
    assert best.spec == study.path / "best.yaml"
    assert best.run is not None
    assert best.run.metrics["validation.loss"][-1] == best.scores["validation.loss"]
    importance = study.importance()["validation.loss"]
    printed = command("study", study.path)
    assert set(importance) == {"optimizer.adam.lr", "params.units"}
    for key, each in importance.items():
        assert f"{key}".ljust(17) + f"  {each.share:5.2f}  " in printed
    pictures = study.draw()
    assert pictures
    assert all(f"picture  {path}" in printed for path in pictures)
    again = pickle.loads(pickle.dumps(study))
    assert again.as_json() == study.as_json()
    assert repr(again).startswith(f"Study({str(study.path)!r}: done, 12/12 trials, ")


def test_a_sweep_may_be_a_mapping(study: dlrun.Study, tmp_path: Path) -> None:
    path = write_sweep(tmp_path, "other.yaml", search={"random": {"trials": 12}})
    sweep = json.loads(path.read_text())
    other = dlrun.tune(sweep, {"spec.epochs": 1}, jobs=1, studies=tmp_path / "mapped")
    assert [trial.suggestion for trial in other.trials] == [
        trial.suggestion for trial in study.trials
    ]
    assert other.best is not None and study.best is not None
    assert other.best.scores == study.best.scores
    with pytest.raises(SpecError, match="sweep: trails: "):
        dlrun.tune({**sweep, "trails": 3}, studies=tmp_path / "mapped")


@pytest.mark.slow
def test_a_dry_run_is_a_forecast(
    tmp_path: Path, command: Callable[..., str], in_json: Callable[[Any], Any]
) -> None:
    sweep = write_sweep(tmp_path)
    found = in_json(asdict(dlrun.tune(sweep, jobs=2, dry_run=True)))
    printed = json.loads(command("tune", sweep, "--jobs", "2", "--dry-run", "--json"))
    for content in (found, printed):
        assert content.pop("step") > 0.0
        assert 0.0 < content.pop("low") <= content.pop("seconds") <= content.pop("high")
    assert found == printed


def test_several_objectives_have_a_front(tmp_path: Path) -> None:
    objectives = [{"minimize": "validation.loss"}, {"minimize": "cost.parameters"}]
    sweep = write_sweep(tmp_path, objectives=objectives, search={"random": {"trials": 3}})
    study = dlrun.tune(sweep, {"spec.epochs": 1}, jobs=1, studies=tmp_path / "studies")
    assert study.best is None
    assert study.front
    for best in study.front:
        assert best.spec is not None
        assert best.scores.keys() == {"validation.loss", "cost.parameters"}


def test_errors_before_the_first_trial_are_raised(tmp_path: Path) -> None:
    sweep = write_sweep(tmp_path)
    with pytest.raises(InputError, match="--scheduler needs"):
        dlrun.tune(sweep, scheduler="tcp://host:8786")
    with pytest.raises(SpecError, match="no run reports 'loss'"):
        dlrun.tune(write_sweep(tmp_path, "wrong.yaml", objective={"minimize": "loss"}))
    with pytest.raises(DataError, match="not a study"):
        dlrun.Study(tmp_path)
