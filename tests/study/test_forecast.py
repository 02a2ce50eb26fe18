"""What a study will need is predicted from its trials and not from the spec that they vary."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from sweeps import SPEC, write_sweep

import dlrun
from dlrun.errors import SpecError
from dlrun.inspect.cost import price
from dlrun.search.suggestion import Suggestion
from dlrun.study import forecast
from dlrun.study.calibration import Calibration, Pace
from dlrun.study.search_pace import SearchPace
from dlrun.study.sweep.compile import read_plan
from dlrun.study.sweep.plan import SweepPlan

SAMPLES = 66
EPOCH, AROUND, START = 0.5, 0.25, 2.0


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[Suggestion]:
    """All runs have the same pace; returns the suggestions that are measured."""
    found: list[Suggestion] = []

    def calibrate(
        plan: SweepPlan, suggestions: Sequence[Suggestion], workers: int, threads: int
    ) -> Calibration:
        found.extend(suggestions)
        assert 1 <= workers <= len(suggestions)
        return Calibration(START, {n: Pace(EPOCH, AROUND) for n in range(len(suggestions))})

    monkeypatch.setattr(forecast, "calibrate", calibrate)
    monkeypatch.setattr(forecast, "search_pace", lambda *_: SearchPace())
    return found


def test_epochs_batches_and_memory_are_those_of_the_trials(
    tmp_path: Path, measured: list[Suggestion]
) -> None:
    space = {"epochs": [1, 60], "data.batch_size": [1, 64]}
    sweep = write_sweep(tmp_path, search="grid", space=space, repeats=3)
    found = dlrun.tune(sweep, jobs=1, dry_run=True)
    assert found.runs == 12 and len(measured) == 4
    assert found.seconds == pytest.approx(START + 12 * AROUND + EPOCH * 3 * 2 * (1 + 60))
    assert found.epochs == 3 * 2 * (1 + 60)
    assert found.step == pytest.approx((EPOCH / SAMPLES + EPOCH / 2) / 2)
    assert found.low is not None and found.high is not None
    assert found.low < found.seconds < found.high
    plan = read_plan(sweep, [])
    largest = price(plan.compile({"data.batch_size": 64}, 0)).memory
    assert found.memory == largest > price(plan.compiled).memory


def test_a_trial_whose_spec_has_errors_is_left_out(
    tmp_path: Path, measured: list[Suggestion]
) -> None:
    plan = read_plan(write_sweep(tmp_path, search="grid", space={"epochs": [1, 2]}), [])
    (only,) = forecast.predict(plan, [{"epochs": 7}, {"epochs": -1}], 2, 1).costs
    assert only.seconds == EPOCH * 7 + AROUND
    (base,) = forecast.predict(plan, [{"epochs": -1}], 2, 1).costs
    assert base.seconds == EPOCH * plan.epochs + AROUND
    assert measured == [{"epochs": 7}, {}]


def test_of_many_trials_some_are_measured(tmp_path: Path, measured: list[Suggestion]) -> None:
    space = {"epochs": [*range(1, 36)]}
    found = dlrun.tune(write_sweep(tmp_path, search="grid", space=space), jobs=1, dry_run=True)
    assert found.trials == 35 and 5 < len(measured) <= 10


@pytest.mark.parametrize(
    ("keys", "jobs", "epochs", "seconds"),
    [
        ({}, 1, 6 * 8, 6 * (8 * EPOCH + AROUND)),
        ({}, 4, 6 * 8, 2 * (8 * EPOCH + AROUND)),  # four runs at the same time, and then two
        ({"search": {"bayes": {"trials": 6, "batch": 2}}}, 4, 6 * 8, 3 * (8 * EPOCH + AROUND)),
        (
            {"prune": {"halving": {"min_epochs": 2, "factor": 2}}},
            1,
            6 * (2 + 2 / 2 + 4 / 4),
            6 * (4 * EPOCH + AROUND),
        ),
    ],
)
def test_workers_batches_and_rungs_count(
    tmp_path: Path,
    measured: list[Suggestion],
    keys: dict[str, Any],
    jobs: int,
    epochs: float,
    seconds: float,
) -> None:
    sweep = write_sweep(tmp_path, spec={**SPEC, "epochs": 8}, **keys)
    found = dlrun.tune(sweep, jobs=jobs, dry_run=True)
    assert found.epochs == epochs and found.seconds == pytest.approx(START + seconds)


def test_what_fits_into_a_budget(tmp_path: Path, measured: list[Suggestion]) -> None:
    sweep = write_sweep(tmp_path, search="random")
    trial = 4 * EPOCH + AROUND
    assert dlrun.plan(sweep, {"search.random.trials": 6}, jobs=1).fits is None
    for jobs in (1, 2):
        found = dlrun.plan(sweep, time=START + 20.5 * trial, jobs=jobs)
        assert (found.trials, found.seconds, found.fits) == (None, None, int(20.5 * jobs))
        assert found.limits == ["budget  48.1s"]
    assert dlrun.plan(sweep, ["budget.epochs=19"], time="1h", jobs=1).fits == 4
    assert dlrun.plan(sweep, time=1, jobs=1).fits == 0


def test_workers_wait_for_the_sampler(
    tmp_path: Path, measured: list[Suggestion], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forecast, "search_pace", lambda *_: SearchPace((0, 20), (0.0, 2.0)))
    trial = 4 * EPOCH + AROUND
    sweep = write_sweep(tmp_path, search="random")
    found = dlrun.plan(sweep, {"search.random.trials": 10}, jobs=1)
    assert found.seconds == pytest.approx(START + 10 * trial + 10 * 0.5)
    found = dlrun.plan(sweep, {"search.random.trials": 30}, jobs=1)
    assert found.seconds == pytest.approx(START + 30 * trial + 20 * 1.0 + 10 * 2.0, rel=1e-3)
    for time in (START + 10 * trial + 5.01, START + 11 * trial + 6.04):
        assert dlrun.plan(sweep, time=time, jobs=1).fits == 10


def test_a_search_whose_trials_do_not_fit_into_memory_names_its_own_line(tmp_path: Path) -> None:
    space = {"optimizer.adam.lr": [0.1, 0.01], "params.units": {"integer": [10**13, 10**14]}}
    sweep = write_sweep(tmp_path, search={"random": {"trials": 3}}, space=space)
    lines = sweep.read_text().splitlines()
    line = next(n for n, text in enumerate(lines, 1) if '"params.units": {' in text and n > 40)
    with pytest.raises(SpecError) as caught:
        dlrun.plan(sweep, jobs=1)
    (error,) = caught.value.errors
    assert error.startswith(f"{sweep}:{line}:")
    assert "with params.units" in error and "the network needs at least" in error


def test_a_trial_that_does_not_fit_into_memory_is_left_out(
    tmp_path: Path, measured: list[Suggestion]
) -> None:
    sweep = write_sweep(tmp_path, search="grid", space={"params.units": [4, 10**14]})
    assert dlrun.plan(sweep, jobs=1).trials == 2
    assert measured == [{"params.units": 4}]
