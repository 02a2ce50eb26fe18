"""What a study will need is predicted from its trials and not from the spec that they vary."""

from __future__ import annotations

from pathlib import Path

import pytest

import dlrun
from dlrun.inspect.cost import price
from dlrun.study import forecast
from dlrun.study.sweep.compile import read_plan
from tests.support.sweeps import write_sweep

SAMPLES = 66


def test_epochs_batches_and_memory_are_those_of_the_trials(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forecast, "measured_step", lambda compiled, seconds: 0.5)
    space = {"epochs": [1, 60], "data.batch_size": [1, 64]}
    sweep = write_sweep(tmp_path, search="grid", space=space, repeats=3)
    found = dlrun.tune(sweep, jobs=1, dry_run=True)
    assert found.runs == 12 and found.step == 0.5
    assert found.seconds == pytest.approx(0.5 * 3 * (1 + 60) * (SAMPLES + 2))
    plan = read_plan(sweep, [])
    largest = price(plan.compile({"data.batch_size": 64}, 0)).memory
    assert found.memory == largest > price(plan.compiled).memory


def test_a_trial_whose_spec_has_errors_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forecast, "measured_step", lambda compiled, seconds: 0.5)
    plan = read_plan(write_sweep(tmp_path, search="grid", space={"epochs": [1, 2]}), [])
    good, bad = {"epochs": 7}, {"epochs": -1}
    (only,) = forecast._measured(plan, [good, bad])
    assert only.seconds == 0.5 * 5 * 7
    (base,) = forecast._measured(plan, [bad])
    assert base.seconds == 0.5 * 5 * plan.epochs


def test_of_many_trials_some_are_measured_for_a_second_in_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits: list[float] = []
    monkeypatch.setattr(forecast, "measured_step", lambda _, seconds: limits.append(seconds) or 0.1)
    space = {"epochs": [*range(1, 36)]}
    found = dlrun.tune(write_sweep(tmp_path, search="grid", space=space), jobs=1, dry_run=True)
    assert found.trials == 35 and 5 < len(limits) <= 10
    assert sum(limits) == pytest.approx(1.0)
