"""Faults of a sweep, each with its place, before anything is trained."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from sweeps import SPEC, write_sweep

from dlrun.errors import SpecError
from dlrun.study.sweep.compile import read_plan

TWO = {
    "objectives": [{"maximize": "validation.accuracy"}, {"minimize": "cost.parameters"}],
}


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"objective": {"minimize": "test.loss"}}, "the test part is for the trial that wins"),
        ({"objective": None}, "a sweep has 'objective' or 'objectives'"),
        (
            {"objectives": [{"minimize": "cost.parameters"}]},
            "'objectives' are two or three",
        ),
        ({**TWO, "repeats": 3, "racing": True}, "'racing' goes by one objective"),
        ({"racing": True, "repeats": 2}, "a race begins behind the second seed"),
        ({"racing": True, "repeats": 3, "prune": "halving"}, "remove 'prune', or 'racing'"),
        ({**TWO, "prune": "halving"}, "'prune' goes by one objective, and there are 2"),
        (
            {"objectives": [{"minimize": "cost.parameters"}] * 2},
            "two objectives are the same",
        ),
        ({"objective": {"minimize": "cost.parameter"}}, "did you mean 'cost.parameters'?"),
        ({"objective": {}}, "an objective is either 'maximize' or 'minimize'"),
        ({"search": {"random": {"trials": 10**12}}}, "a study has at most 100,000 trials"),
        ({"repeats": 10**12}, "a trial has at most 1,000 seeds"),
        (
            {"search": "grid", "space": {"epochs": {"integer": [1, 10**12]}}},
            "a grid of 1,000,000,000,000 trials",
        ),
        ({"search": "random"}, "'random' needs 'trials'; the space has no end"),
        ({"repeats": 2, "space": {"seed": [1, 2]}}, "'seed' is what repeats change"),
        ({"prune": "halving", "space": {"epochs": [1, 2]}}, "'epochs' is what 'prune' goes by"),
        ({"spec": "gone.yaml"}, "gone.yaml: there is no such file"),
        ({"spec": {**SPEC, "loss": "mse_"}}, "unknown loss 'mse_'"),
        ({"claims": [{"x": {"better": {"a": 1}, "than": {"a": 2}}}]}, "set 'repeats' to 3"),
        ({"constraints": ["params.units > 16"]}, "no values of the space were found that make all"),
        ({"serch": "grid"}, "a sweep has no key 'serch'; did you mean 'search'?"),
    ],
    ids=lambda each: next(iter(each)) if isinstance(each, dict) else "",
)
def test_a_sweep_that_makes_no_sense(tmp_path: Path, keys: dict[str, Any], words: str) -> None:
    with pytest.raises(SpecError) as caught:
        read_plan(write_sweep(tmp_path, **keys))
    assert words in str(caught.value)
    assert all(re.match(r".*sweep\.yaml:\d+:\d+: ", line) for line in caught.value.faults)


@pytest.mark.parametrize(
    ("objective", "notes"),
    [
        ({"minimize": "validation.loss"}, 0),
        ({"maximize": "validation.loss"}, 1),
        ({"maximize": "validation.accuracy"}, 0),
        ({"minimize": "train.accuracy"}, 1),
        ({"maximize": "cost.parameters"}, 1),
    ],
)
def test_a_score_that_is_made_worse_is_noted(
    tmp_path: Path, objective: dict[str, str], notes: int
) -> None:
    found = read_plan(write_sweep(tmp_path, objective=objective)).notes
    assert len(found) == notes
    ((way, score),) = objective.items()
    assert all(f"is better, and this sweep would {way} it" in each for each in found)
    assert all(re.match(r".*sweep\.yaml:\d+:\d+: of ", each) and score in each for each in found)


def test_a_metric_that_stands_twice_can_be_an_objective(tmp_path: Path) -> None:
    spec = {**SPEC, "metrics": [{"top_k": 1}, {"top_k": 2}]}
    spec["data"] = {**SPEC["data"], "source": {"blobs": {"samples": 110, "centers": 4}}}
    sweep = write_sweep(tmp_path, spec=spec, objective={"maximize": "validation.top_k_2"})
    assert not read_plan(sweep).notes
