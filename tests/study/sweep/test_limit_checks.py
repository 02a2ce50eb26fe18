"""Limits and rules that contradict another key of a sweep, or that nothing could meet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sweeps import write_sweep

from dlrun.errors import SpecError
from dlrun.study.sweep.compile import read_plan

BAYES = {"bayes": {"trials": 9}}


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"budget": {"trials": 5}}, "'random' has 'trials', too; remove one of the two"),
        ({"search": "random", "budget": {"trials": 10**6}}, "a study has at most 100,000 trials"),
        ({"budget": {"time": "0s"}}, "'time' must be greater than 0, got '0s'"),
        ({"budget": {"time": "soon"}}, "'time' must be a duration such as 90s, 45m or 3h50m"),
        ({"budget": {"epochs": 0}}, "'epochs' must be greater than 0, got 0"),
        ({"budget": {"epoch": 9}}, "budget has no key 'epoch'; did you mean 'epochs'?"),
        ({"budget": {}}, "a budget needs 'time', 'epochs' or 'trials'"),
        ({"budget": "0h"}, "'time' must be greater than 0, got '0h'"),
        (
            {"budget": 40},
            "budget must be a mapping of keys; write {trials: 40} or {epochs: 40}",
        ),
        ({"budget": 1.5}, "budget must be a mapping of keys; write the unit: 1.5s, 1.5m or 1.5h"),
        ({"budget": "long"}, "'time' must be a duration such as 90s, 45m or 3h50m"),
        ({"budget": ["4h"]}, "budget must be a mapping of keys; known keys: time, epochs, trials"),
        ({"budget": {"epochs": 3}}, "the first trial needs 4 epochs, got 3; raise 'epochs'"),
        (
            {"budget": {"epochs": 11}, "repeats": 3},
            "the first trial needs 12 epochs in 3 runs, got 11",
        ),
        (
            {"budget": {"epochs": 1}, "prune": {"halving": {"min_epochs": 2}}},
            "the first trial needs 2 epochs, got 1",
        ),
        ({"until": {}}, "'until' needs 'score', 'patience' or 'regret'"),
        ({"until": 20}, "write {patience: 20}, in trials, or {score: 20}"),
        ({"until": 0.01}, "write {score: 0.01} or {regret: 0.01}"),
        ({"until": "best"}, "known keys: score, patience, regret"),
        ({"until": {"patience": 0}}, "'patience' must be greater than 0, got 0"),
        ({"until": {"regret": 0.0}, "search": BAYES}, "'regret' must be greater than 0.0, got 0.0"),
        (
            {"until": {"regret": 0.1}},
            "search 'random' has no model of the objective that could predict it; use bayes",
        ),
        (
            {
                "until": {"patience": 3},
                "objectives": [{"minimize": "validation.loss"}, {"minimize": "cost.parameters"}],
            },
            "'until' needs a single objective, got 2; remove 'until'",
        ),
        ({"fail_fast": 1}, "'fail_fast' must be true or false"),
    ],
)
def test_a_limit_that_makes_no_sense(tmp_path: Path, keys: dict[str, Any], said: str) -> None:
    with pytest.raises(SpecError) as error:
        read_plan(write_sweep(tmp_path, **keys))
    (line,) = error.value.faults
    assert said in line and line.startswith(f"{tmp_path / 'sweep.yaml'}:")


def test_limits_and_rules_change_no_study(tmp_path: Path) -> None:
    before = read_plan(write_sweep(tmp_path)).identity()
    keys = {"budget": {"time": "4h", "epochs": 50}, "until": {"score": 0.1}, "fail_fast": True}
    assert read_plan(write_sweep(tmp_path, **keys)).identity() == before
    keys = {"search": "random", "budget": {"trials": 6}}
    assert read_plan(write_sweep(tmp_path, **keys)).identity() == before
    assert not before.keys() & {"budget", "until", "fail_fast"}


@pytest.mark.parametrize("search", ["random", "sobol", "bayes"])
def test_a_budget_ends_an_infinite_search(tmp_path: Path, search: str) -> None:
    plan = read_plan(write_sweep(tmp_path, search=search, budget={"epochs": 9}))
    assert plan.trials is None and plan.batch is not None


def test_a_time_alone_is_the_budget(tmp_path: Path) -> None:
    sweep = read_plan(write_sweep(tmp_path, search="random", budget="1h30m")).sweep
    assert sweep.budget is not None and sweep.budget.time == 5400
    assert (sweep.budget.epochs, sweep.budget.trials) == (None, None)


@pytest.mark.parametrize(
    ("overrides", "found"),
    [
        (["budget.epochs=40"], (14400, 40)),
        (["budget.time=null", "budget.epochs=40"], (None, 40)),
        (["budget=2h", "budget.epochs=40"], (7200, 40)),
        (["budget=2h", "budget.time=3h"], (10800, None)),
        (["budget.epochs=40", "budget={time: 2h, epochs: 40}"], (7200, 40)),
        ({"budget": "90s"}, (90, None)),
    ],
)
def test_a_time_alone_is_completed_and_replaced(
    tmp_path: Path, overrides: Any, found: tuple[int | None, int | None]
) -> None:
    path = write_sweep(tmp_path, search="random", budget="4h")
    if overrides == ["budget=2h", "budget.time=3h"]:
        with pytest.raises(SpecError, match="would undo budget=2h"):
            read_plan(path, overrides)
        return
    budget = read_plan(path, overrides).sweep.budget
    assert budget is not None and (budget.time, budget.epochs) == found
