"""At its end, a study with a limited time says how right the prediction was."""

from __future__ import annotations

from pathlib import Path

import pytest
from inline import InlineExecutor
from sweeps import write_sweep

from dlrun.cli.display.study_lines import StudyLines
from dlrun.study import outlook, study
from dlrun.study.events import Comparison, StudyEnded
from dlrun.study.forecast import Prediction, TrialCost
from dlrun.study.search_pace import SearchPace
from dlrun.study.store.directory import StudyDirectory
from dlrun.study.study import Study
from dlrun.study.sweep.compile import read_plan
from dlrun.training.stop import Stop

COST = TrialCost(steps=5, epochs=4.0, seconds=9.0, epoch=2.0, around=1.0, memory=0)


def ended(folder: Path, **keys: object) -> StudyEnded:
    plan = read_plan(write_sweep(folder, **keys))
    *_, last = Study(plan, StudyDirectory(folder / "study"), 1).run(Stop())
    assert isinstance(last, StudyEnded)
    return last


def test_runs_of_a_session_are_compared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(study, "LocalExecutor", InlineExecutor)
    made: list[int] = []

    def predict(*_: object) -> Prediction:
        made.append(1)
        search = SearchPace((2, 5), (0.1, 0.4))
        return Prediction([COST], start=3.0, workers=1, batch=None, search=search)

    monkeypatch.setattr(outlook, "predict", predict)
    assert ended(tmp_path, search={"random": {"trials": 1}}).compared is None
    assert ended(tmp_path, search={"random": {"trials": 2}}, budget={"time": "4m"}).compared is None
    assert not made
    found = ended(tmp_path, search={"random": {"trials": 5}}, budget={"time": "1h"}).compared
    assert found is not None and found.predicted == pytest.approx(
        3.0 + 3 * (1.0 + 4 * 2.0) + 3 * 0.25
    )
    assert 0 < found.taken < 60
    assert ended(tmp_path, search={"random": {"trials": 5}}, budget={"time": "1h"}).compared is None
    assert len(made) == 2


@pytest.mark.parametrize(
    ("taken", "said"), [(110.0, "1m50s (10 % more)"), (95.0, "1m35s (5 % less)")]
)
def test_the_comparison_in_words(taken: float, said: str) -> None:
    last = StudyEnded("completed", (), 120.0, None, Comparison(100.0, taken))
    assert StudyLines()(last)[-1] == f"predicted 1m40s for these runs, which took {said}"
