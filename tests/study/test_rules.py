"""Rules that end a study early, decided between batches."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
from simulated import scored, simulate
from studies import LOSS

from dlrun.api.study import Study
from dlrun.study.store.job import Job

NAN = math.nan


@pytest.mark.parametrize(
    ("until", "values", "trials", "said"),
    [
        ({"score": 0.5}, [0.9, 0.5, 0.4], 4, "score: trial 1 has reached validation.loss 0.5"),
        ({"score": 0.5}, [0.9] * 7 + [0.1], 8, "score: trial 7 has reached validation.loss 0.5"),
        (
            {"patience": 5},
            [0.9, 0.3, 0.3, NAN, 0.8, 0.7, 0.6],
            8,
            "patience: trial 1 is the best, and 6 trials after it were not better",
        ),
        ({"patience": 3}, [NAN] * 12, 4, "patience: no trial was completed"),
        (
            {"score": 0.2, "patience": 4},
            [0.9, 0.3, 0.5, 0.5, 0.5, 0.5, 0.1],
            8,
            "score: trial 6 has reached validation.loss 0.2",
        ),
    ],
)
def test_a_rule_ends_a_study_after_a_batch(
    tmp_path: Path, until: dict[str, Any], values: list[float], trials: int, said: str
) -> None:
    keys: dict[str, Any] = {"search": {"bayes": {"trials": 40, "batch": 4}}, "until": until}
    for jobs in (1, 3):
        found = simulate(tmp_path / str(jobs), scored(*values), jobs, seed=jobs, **keys)
        assert found.conclusion is not None
        assert found.conclusion.sentence == f"until.{said}"
        assert len(found.started) == trials
        again = simulate(tmp_path / str(jobs), scored(*values), jobs, **keys)
        assert not again.started and again.board == found.board
    assert f"The study was ended by until.{said}." in found.board["leaderboard.md"].decode()


def test_without_a_rule_the_study_continues(tmp_path: Path) -> None:
    keys: dict[str, Any] = {"search": {"random": {"trials": 20}}}
    found = simulate(tmp_path, scored(0.1), until={"patience": 7}, **keys)
    assert len(found.started) == 8
    found = simulate(tmp_path, scored(0.1), until={"patience": 12}, **keys)
    assert len(found.started) == 8 and found.conclusion is not None
    found = simulate(tmp_path, scored(0.1), **keys)
    assert len(found.started) == 4 and found.conclusion is None


@pytest.mark.parametrize(
    ("search", "until", "trained", "more", "reason"),
    [
        ({"random": {"trials": 12}}, {"score": 0.6}, 2, 0, "trial 1 has reached"),
        ({"random": {"trials": 12}}, {"patience": 2}, 3, 0, "trial 0 is the best, and 2 trials"),
        ({"random": {"trials": 12}}, {"patience": 5}, 3, 8, "trial 1 is the best, and 9 trials"),
        ({"bayes": {"trials": 8, "batch": 4}}, {"score": 0.6}, 4, 0, "trial 1 has reached"),
        ({"bayes": {"trials": 12, "batch": 4}}, {"score": 0.6}, 6, 2, "trial 1 has reached"),
    ],
)
def test_a_rule_that_is_added_is_checked_before_more_runs_start(
    tmp_path: Path, search: Any, until: Any, trained: int, more: int, reason: str
) -> None:
    values = [0.9, 0.9, 0.9, 0.9] if until == {"patience": 2} else [0.9, 0.5, 0.9, 0.9]
    keys: dict[str, Any] = {"search": search, "budget": {"epochs": 4 * trained}}
    assert len(simulate(tmp_path, scored(*values), **keys).started) == trained
    keys["budget"] = {"epochs": 1000}
    found = simulate(tmp_path, scored(*values), **keys, until=until)
    assert found.conclusion is not None and found.conclusion.reason.startswith(reason)
    assert len(found.started) == more


@pytest.mark.parametrize("search", ["random", "bayes"])
def test_a_batch_that_does_not_fit_the_budget_is_recorded_once(tmp_path: Path, search: str) -> None:
    keys: dict[str, Any] = {"search": {search: {"trials": 30}}, "until": {"patience": 50}}
    size = 8 if search == "random" else 4
    keys["budget"] = {"epochs": 8 * 4}
    first = simulate(tmp_path, scored(0.9), **keys)
    assert len(first.started) == 8 and first.conclusion is not None
    journal = tmp_path / "studies/search/journal.jsonl"
    before = journal.read_text()
    assert before.count('"batch"') >= 2 * (8 // size)
    again = simulate(tmp_path, scored(0.9), **keys)
    assert not again.started and again.conclusion == first.conclusion
    assert journal.read_text() == before


def test_a_new_rule_drops_no_first_point(tmp_path: Path) -> None:
    points = [{"params.units": 8, "optimizer.adam.lr": lr} for lr in (0.011, 0.012, 0.013)]
    keys: dict[str, Any] = {"search": {"random": {"trials": 12}}, "first": points}
    simulate(tmp_path, scored(0.9), budget={"epochs": 4}, **keys)
    simulate(tmp_path, scored(0.9), until={"patience": 6}, **keys)
    trials = Study(tmp_path / "studies/search").trials
    assert [each.suggestion["optimizer.adam.lr"] for each in trials[:3]] == [0.011, 0.012, 0.013]
    assert len(trials) == 11  # the first point, and a batch of eight after the other two


@pytest.mark.parametrize("search", ["random", "sobol", {"bayes": {"trials": 20, "batch": 4}}])
@pytest.mark.parametrize("most", [2, 8, 9])
def test_an_interruption_changes_nothing_with_rules(tmp_path: Path, search: Any, most: int) -> None:
    values = [0.9, 0.8, 0.7, 0.9, 0.9, 0.9, 0.9, 0.5, 0.9, 0.9, 0.9]
    keys: dict[str, Any] = {"search": search, "until": {"patience": 6}}
    if isinstance(search, str):
        keys["search"] = {search: {"trials": 20}}
    whole = simulate(tmp_path / "whole", scored(*values), **keys)
    for seed in range(3):
        simulate(tmp_path / "cut", scored(*values), 2, seed, most, **keys)
    assert simulate(tmp_path / "cut", scored(*values), 3, **keys).board == whole.board


def test_what_the_user_adds_is_trained_although_a_rule_has_ended_the_study(tmp_path: Path) -> None:
    keys: dict[str, Any] = {"search": {"bayes": {"trials": 40, "batch": 2}}}
    first = simulate(tmp_path, scored(0.5, 0.1), until={"score": 0.2}, **keys)
    assert first.conclusion is not None and len(first.started) == 2
    shown = Study(tmp_path / "studies/search")
    shown.enqueue({"params.units": 8})
    shown.rerun(0)
    again = simulate(tmp_path, scored(0.5, 0.1), until={"score": 0.2}, **keys)
    assert sorted(job.trial for job in again.started) == [0, 2]
    assert again.conclusion == first.conclusion


def test_a_trial_that_does_not_count_meets_no_rule(tmp_path: Path) -> None:
    keys: dict[str, Any] = {"search": {"bayes": {"trials": 40, "batch": 2}}}
    first = simulate(tmp_path, scored(0.5, 0.1), until={"score": 0.2}, **keys)
    Study(tmp_path / "studies/search").forget(1)
    again = simulate(tmp_path, scored(0.5, 0.1, 0.3, 0.1), until={"score": 0.2}, **keys)
    assert [job.trial for job in again.started] == [2, 3]
    assert first.conclusion is not None and again.conclusion is not None
    assert again.conclusion.reason == "trial 3 has reached validation.loss 0.2"


def test_an_infeasible_trial_meets_no_rule(tmp_path: Path) -> None:
    def run(job: Job) -> tuple[dict[str, float], int]:
        return {LOSS: 0.1, "validation.accuracy": [0.2, 0.3, 0.4, 0.9][job.trial % 4]}, 4

    limits = ["validation.accuracy > 0.5"]
    search = {"bayes": {"trials": 40, "batch": 1}}
    found = simulate(tmp_path, run, search=search, limits=limits, until={"score": 0.2})
    assert found.conclusion is not None
    assert found.conclusion.reason == "trial 3 has reached validation.loss 0.2"


def test_trials_that_are_not_trained_do_not_wear_out_the_patience(tmp_path: Path) -> None:
    found = simulate(
        tmp_path,
        scored(0.1),
        search={"random": {"trials": 40}},
        limits=["cost.parameters <= 50"],  # two of three values have more
        until={"patience": 12},
    )
    assert found.conclusion is not None and found.conclusion.by == "until.patience"
    assert len(found.started) == 16
    assert any(each.skipped for each in Study(tmp_path / "studies/search").trials)


def test_a_higher_score_may_be_better(tmp_path: Path) -> None:
    def run(job: Job) -> tuple[dict[str, float], int]:
        return {"validation.accuracy": [0.5, 0.9, 0.7, 0.8][job.trial % 4]}, 4

    found = simulate(
        tmp_path,
        run,
        search={"bayes": {"trials": 20, "batch": 2}},
        objective={"maximize": "validation.accuracy"},
        until={"score": 0.9},
    )
    assert len(found.started) == 2 and found.conclusion is not None


@pytest.mark.slow
def test_a_model_ends_a_study_whose_valley_is_known(tmp_path: Path) -> None:
    """On a parabola, and later than with a larger bound; the regret is below the bound."""
    keys: dict[str, Any] = {
        "search": {"bayes": {"trials": 60}},
        "space": {"optimizer.adam.lr": {"uniform": [0.001, 1.0]}},
    }
    counts = []
    for place, bound in enumerate((0.1, 0.003)):
        places = _Places(tmp_path / str(place))

        def run(job: Job, places: _Places = places) -> tuple[dict[str, float], int]:
            return {LOSS: 1 + (places[job.trial] - 0.3) ** 2}, 4

        found = simulate(tmp_path / str(place), run, **keys, until={"regret": bound})
        assert found.conclusion is not None and found.conclusion.by == "until.regret"
        best = min((places[job.trial] - 0.3) ** 2 for job in found.started)
        assert best <= bound
        counts.append(len(found.started))
    assert counts[0] <= counts[1] < 60


class _Places:
    """The values that a study's journal has suggested."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "studies" / "search" / "journal.jsonl"

    def __getitem__(self, trial: int) -> float:
        records = map(json.loads, self._file.read_text().splitlines())
        found = [each for one in records if one["event"] == "batch" for each in one["suggestions"]]
        return float(found[trial]["optimizer.adam.lr"])
