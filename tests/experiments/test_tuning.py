"""The sweeps that a newcomer runs first make sense, and find what their pages promise."""

from __future__ import annotations

from pathlib import Path

import pytest

from dlrun.study.results.ranking import leaderboard
from dlrun.study.store.directory import StudyDirectory
from dlrun.study.study import Study
from dlrun.study.sweep.compile import read_plan
from dlrun.training.stop import Stop

SWEEPS = sorted((Path(__file__).parents[2] / "experiments" / "tuning").glob("*.yaml"))


@pytest.mark.parametrize("sweep", SWEEPS, ids=lambda path: path.stem)
def test_a_sweep_has_no_faults(sweep: Path) -> None:
    assert read_plan(sweep).sweep.name == sweep.stem


@pytest.mark.slow
def test_digits_with_the_best_of_small_networks(tmp_path: Path) -> None:
    plan = read_plan(*(path for path in SWEEPS if path.stem == "digits-mlp"))
    study = Study(plan, StudyDirectory(tmp_path / "study"), workers=2)
    for _ in study.run(Stop()):
        pass
    board = leaderboard(plan, study.state)
    assert board.failed == 0
    assert board.test["test.accuracy"].mean >= 0.965
