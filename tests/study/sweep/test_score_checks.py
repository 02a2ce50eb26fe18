"""Scores that the trials of a sweep must report, checked before anything is trained."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sweeps import write_sweep

from dlrun.errors import SpecError
from dlrun.study.sweep.compile import read_plan

GOAL: dict[str, Any] = {"objective": {"maximize": "validation.accuracy"}}
LIMIT: dict[str, Any] = {"limits": ["validation.accuracy > 0.1"]}
RATE = "optimizer.adam.lr"


@pytest.mark.parametrize("keys", [GOAL, LIMIT])
def test_values_whose_trials_cannot_report_a_score_are_refused(
    tmp_path: Path, keys: dict[str, Any]
) -> None:
    path = write_sweep(tmp_path, search="grid", space={"metrics": [["f1"], ["precision"]]}, **keys)
    with pytest.raises(SpecError) as caught:
        read_plan(path)
    one, other = caught.value.errors
    assert one.startswith(f"{path}:") and ": with metrics [f1]: " in one
    assert ": with metrics [precision]: " in other
    for line in (one, other):
        assert "no run reports 'validation.accuracy'; add accuracy to the 'metrics'" in line


def test_a_value_with_which_a_score_is_missing_is_refused_alone(tmp_path: Path) -> None:
    space = {"metrics": [["f1"], ["accuracy"]]}
    with pytest.raises(SpecError) as caught:
        read_plan(write_sweep(tmp_path, search="grid", space=space, **GOAL))
    (line,) = caught.value.errors
    assert ": with metrics [f1]: " in line


def test_a_limit_may_be_about_a_score_that_only_trials_report(tmp_path: Path) -> None:
    space = {RATE: [0.01, 0.1], "metrics": [["f1"], ["f1", "accuracy"]]}
    plan = read_plan(
        write_sweep(tmp_path, search="grid", space=space, limits=["validation.f1 > 0"])
    )
    assert [limit.names for limit in plan.limits] == [["validation.f1"]]


def test_a_limit_of_a_score_that_nothing_reports_is_one_error(tmp_path: Path) -> None:
    space = {RATE: [0.01, 0.1], "metrics": [["f1"], ["accuracy"]]}
    with pytest.raises(SpecError) as caught:
        read_plan(write_sweep(tmp_path, search="grid", space=space, limits=["validation.r2 > 0"]))
    (line,) = caught.value.errors
    assert "no run reports 'validation.r2'" in line
