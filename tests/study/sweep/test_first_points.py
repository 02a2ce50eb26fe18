"""The points that a sweep tries first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from studies import LOSS, end, study
from sweeps import SPEC, write_sweep

from dlrun.api.study import Study
from dlrun.errors import SpecError
from dlrun.study.forecast import forecast
from dlrun.study.schedulers.asynchronous import Flow
from dlrun.study.schedulers.synchronous import Rounds
from dlrun.study.sweep.compile import read_plan

LR, UNITS = "optimizer.adam.lr", "params.units"
WHOLE, PART = {LR: 0.02, UNITS: 8}, {UNITS: 4}


@pytest.mark.parametrize("search", ["random", "sobol", "bayes", "skopt"])
@pytest.mark.parametrize("prune", [None, "median"])
def test_points_are_the_first_trials(tmp_path: Path, search: str, prune: str | None) -> None:
    """All at once, also if the sampler is asked for one trial at a time."""
    keys = {"search": {search: {"trials": 5}}, "first": [PART, WHOLE, PART], "prune": prune}
    with study(tmp_path, **keys) as ledger:
        scheduler = Rounds(ledger, None) if prune is None else Flow(ledger, None)
        trained = []
        while (job := scheduler.next(())) is not None:
            end(ledger, job, {LOSS: float(job.trial)})
            trained.append(job.trial)
        assert trained == [0, 1, 2, 3, 4]
        found = [each for _, each in ledger.state.trials()]
    assert found[1] == WHOLE
    assert found[0][UNITS] == found[2][UNITS] == 4
    assert len({each[LR] for each in found}) == len(found) >= 5


@pytest.mark.parametrize("prune", ["median", {"asha": {"min_epochs": 1}}, None])
def test_more_points_of_a_grid_than_trials_are_asked_for(tmp_path: Path, prune: Any) -> None:
    space = {LR: [0.01, 0.02, 0.03], UNITS: [4, 8]}
    keys = {"search": "grid", "space": space, "first": [{LR: 0.03}, WHOLE], "prune": prune}
    with study(tmp_path, **keys) as ledger:
        scheduler, trained = Flow(ledger, ledger.plan.sweep.prune), set[int]()
        while (job := scheduler.next(())) is not None:
            end(ledger, job, {LOSS: float(job.trial)})
            trained.add(job.trial)
        found = [each for _, each in ledger.state.trials()]
    assert trained == set(range(6))
    assert found[0][LR] == 0.03 and found[1] == WHOLE
    assert len({(each[LR], each[UNITS]) for each in found}) == 6


def test_more_points_than_are_suggested_at_once_until_a_rule_ends_the_study(
    tmp_path: Path,
) -> None:
    rates = [(12 - number) / 1000 for number in range(10)]
    points = [{LR: each, UNITS: 4} for each in rates[:9]]
    space = {LR: rates, UNITS: [4, 8]}
    keys = {"search": "grid", "until": {"score": 0.5}, "space": space, "first": points}
    with study(tmp_path, **keys) as ledger:
        scheduler = Rounds(ledger, None)
        for number in range(10):
            job = scheduler.next(())
            assert job is not None and job.trial == number
            end(ledger, job, {LOSS: 1.0})
        found = [each for _, each in ledger.state.trials()]
    assert found[:9] == points


@pytest.mark.parametrize("prune", [None, "median"])
def test_a_trial_that_is_enqueued_before_the_points_takes_the_place_of_none(
    tmp_path: Path, prune: str | None
) -> None:
    keys = {"search": {"random": {"trials": 3}}, "first": [WHOLE, PART], "prune": prune}
    with study(tmp_path, **keys):
        pass  # stopped before the first trial
    added = Study(tmp_path / "studies/search").enqueue({UNITS: 16})
    with study(tmp_path, **keys) as ledger:
        scheduler = Rounds(ledger, None) if prune is None else Flow(ledger, None)
        while (job := scheduler.next(())) is not None:
            end(ledger, job, {LOSS: float(job.trial)})
        found = [trial.suggestion for trial in ledger.trials() if trial.ended]
    assert (added.number, added.suggestion[UNITS]) == (3, 16)
    assert len(found) == 4
    assert found[0] == WHOLE and found[1][UNITS] == 4 and found[3] == added.suggestion


@pytest.mark.parametrize("begun", [False, True])
@pytest.mark.parametrize("scheduler", [Rounds, Flow])
def test_settings_of_a_prior_study_are_tried_whatever_is_enqueued(
    tmp_path: Path, begun: bool, scheduler: type[Rounds] | type[Flow]
) -> None:
    with study(tmp_path, "before", search={"random": {"trials": 3}}) as ledger:
        rounds = Rounds(ledger, None)
        while (job := rounds.next(())) is not None:
            end(ledger, job, {LOSS: float(job.trial)})
        best = [each for _, each in ledger.state.trials()]
    other = {**SPEC, "epochs": 2}
    keys: dict[str, Any] = {
        "spec": other,
        "search": {"random": {"trials": 5}},
        "from": "studies/before",
    }
    with study(tmp_path, **keys) as ledger:
        if begun:
            job = scheduler(ledger, None).next(())
            assert job is not None
            end(ledger, job, {LOSS: 0.0})
    Study(tmp_path / "studies/search").enqueue({LR: 0.05, UNITS: 16})
    with study(tmp_path, **keys) as ledger:
        following = scheduler(ledger, None)
        while (job := following.next(())) is not None:
            end(ledger, job, {LOSS: float(job.trial)})
        found = [trial.suggestion for trial in ledger.trials() if trial.ended]
    assert len(found) == 6
    assert [each for each in found if each in best] == best


@pytest.mark.parametrize("search", ["bayes", "skopt"])
@pytest.mark.parametrize("objectives", [1, 2])
def test_a_model_completes_points_and_learns_from_them(
    tmp_path: Path, search: str, objectives: int
) -> None:
    goals = [{"minimize": LOSS}, {"maximize": "validation.accuracy"}]
    keys: dict[str, Any] = {
        "search": {search: {"trials": 8, "start": 3, "batch": 2}},
        "first": [PART, {LR: 0.03}],
        **({"objectives": goals} if objectives == 2 else {}),
    }

    def train(most: int) -> list[int]:
        with study(tmp_path, **keys) as ledger:
            scheduler, trained = Rounds(ledger, None), list[int]()
            while len(trained) < most and (job := scheduler.next(())) is not None:
                lr = ledger.state.suggestion(job.trial)[LR]
                end(ledger, job, {LOSS: lr, "validation.accuracy": 1 - lr})
                trained.append(job.trial)
            return trained

    assert train(6) == [0, 1, 2, 3, 4, 5]
    shown = Study(tmp_path / "studies/search")
    assert shown.trials[0].suggestion[UNITS] == 4 and shown.trials[1].suggestion[LR] == 0.03
    added = shown.enqueue({UNITS: 16})
    assert added.suggestion[UNITS] == 16
    assert train(100)[0] == added.number
    found = [each.suggestion for each in Study(shown.path).trials]
    assert len(found) == 9 == len({(each[LR], each[UNITS]) for each in found})


def test_more_points_than_trials_of_the_budget(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="2 points, and the search has 1 trials"):
        keys = {"search": "random", "budget": {"trials": 1}}
        read_plan(write_sweep(tmp_path, first=[PART, WHOLE], **keys))


@pytest.mark.slow
def test_a_forecast_lists_them(tmp_path: Path) -> None:
    plan = read_plan(write_sweep(tmp_path, first=[WHOLE]))
    assert forecast(plan, 1).suggestions[0] == WHOLE


def test_a_sweep_without_points_is_the_same_study_as_before(tmp_path: Path) -> None:
    plain = read_plan(write_sweep(tmp_path)).identity()
    assert not {"first", "limits"} & plain.keys()
    assert read_plan(write_sweep(tmp_path, first=[])).identity() == plain
    assert read_plan(write_sweep(tmp_path, first=[PART])).identity() != plain


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"first": [{"units": 8}]}, "the space has no key 'units'; did you mean 'params.units'?"),
        ({"first": [{UNITS: 9}]}, "'params.units' is never 9; its values are [4, 8, 16]"),
        ({"first": [{}]}, "a point needs a value for at least one key"),
        ({"first": [3]}, "'first' must be a mapping of keys, got 3"),
        ({"first": WHOLE}, "'first' must be a list"),
        ({"first": [WHOLE, PART, WHOLE]}, "point 3 is the same as point 1; remove one of them"),
        ({"first": [PART] * 7}, "7 points, and the search has 6 trials; remove some"),
        (
            {"first": [{LR: 0.01}], "constraints": [f"{UNITS} * {LR} > 0.5"]},
            "no values of the other keys satisfy the constraints with this point",
        ),
    ],
)
def test_points_that_are_not_possible(tmp_path: Path, keys: dict[str, Any], words: str) -> None:
    with pytest.raises(SpecError) as caught:
        read_plan(write_sweep(tmp_path, **keys))
    (fault,) = caught.value.errors
    assert words in fault
    assert fault.startswith(f"{tmp_path}/sweep.yaml:")


def test_a_point_for_which_nothing_is_left_is_named(tmp_path: Path) -> None:
    keys = {"space": {UNITS: [4, 8]}, "search": "grid", "spec": SPEC}
    first = [{UNITS: 4}]
    with study(tmp_path, first=first, **keys) as ledger:
        Rounds(ledger, None).next(())
        assert [each for _, each in ledger.state.trials()] == [{UNITS: 4}, {UNITS: 8}]
    keys = {"space": {UNITS: [4], LR: [0.1]}, "search": "grid"}
    first = [{UNITS: 4}, {UNITS: 4, LR: 0.1}]  # which leaves nothing for the one before it
    with (
        study(tmp_path, "other", first=first, **keys) as ledger,
        pytest.raises(SpecError, match=r"other.yaml:\d+:\d+: no new values are left for the keys"),
    ):
        Rounds(ledger, None).next(())
