"""The time of a sampler is measured as the study will call it, and only if it learns a model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sweeps import SPEC, write_sweep

from dlrun.study import search_pace as pace
from dlrun.study.search_pace import SearchPace, search_pace
from dlrun.study.sweep.compile import read_plan


def measured(folder: Path, workers: int = 2, **keys: Any) -> SearchPace:
    return search_pace(read_plan(write_sweep(folder, **keys)), workers)


def test_a_sampler_without_a_model_takes_no_time(tmp_path: Path) -> None:
    assert measured(tmp_path, search={"random": {"trials": 9}}).between(0, 9) == 0


@pytest.mark.parametrize("sampler", ["bayes", "skopt"])
def test_a_model_is_measured_up_to_the_last_trial(tmp_path: Path, sampler: str) -> None:
    found = measured(tmp_path, search={sampler: {"trials": 12}})
    assert found.trials == [3, 6, 12]
    assert min(found.seconds) > 0 and found.between(0, 12) > 0
    assert found.between(2, 12) == pytest.approx(
        found.between(0, 12) - found.between(0, 2), rel=1e-2
    )


@pytest.mark.parametrize(
    ("keys", "waiting"), [({}, 1), ({"prune": "asha"}, 3), ({"prune": "halving"}, 1)]
)
def test_without_batches_only_one_worker_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, keys: dict[str, Any], waiting: int
) -> None:
    monkeypatch.setattr(pace, "_suggested", lambda plan, size: 6.0 * size)
    found = measured(
        tmp_path, 3, search={"bayes": {"trials": 4}}, spec={**SPEC, "epochs": 8}, **keys
    )
    assert found.seconds == [6.0 * size / waiting for size in (1, 2, 4)]


def test_without_a_number_of_trials_the_cost_is_that_of_many(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "_suggested", lambda plan, size: float(size))
    found = measured(tmp_path, search="bayes", budget={"time": "1h"})
    assert found.trials[-1] == 150
    assert found.between(200, 210) == pytest.approx(10 * 150)


def test_several_objectives_ask_for_one_trial_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = read_plan(write_sweep(tmp_path, search="bayes", budget={"epochs": 50}))
    both = [{"minimize": "validation.loss"}, {"minimize": "cost.parameters"}]
    several = write_sweep(tmp_path, search="bayes", budget={"epochs": 50}, objectives=both)
    counts: list[int] = []
    original = type(plan.sampler).suggest

    def suggest(self: Any, space: Any, history: Any, pending: Any, count: int, seed: int) -> Any:
        counts.append(count)
        return original(self, space, history, pending, count, seed)

    monkeypatch.setattr(type(plan.sampler), "suggest", suggest)
    assert pace._suggested(plan, 3) > 0 and pace._suggested(read_plan(several), 3) > 0
    assert counts == [4, 1]


@pytest.mark.parametrize("batch", [2, 16, 1000])
def test_a_large_batch_is_not_suggested_to_measure_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    plan = read_plan(write_sweep(tmp_path, search={"bayes": {"trials": 8, "batch": batch}}))
    counts: list[int] = []

    def suggest(_: Any, space: Any, history: Any, pending: Any, count: int, seed: int) -> Any:
        counts.append(count)
        return []

    monkeypatch.setattr(type(plan.sampler), "suggest", suggest)
    search_pace(plan, 1)
    assert set(counts) == {min(batch, 4)}
