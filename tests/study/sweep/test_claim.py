"""Claims of a sweep that cannot be tested."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from studies import LOSS, end, study
from sweeps import SPEC, write_sweep

from dlrun.errors import SpecError
from dlrun.study.batches import batch
from dlrun.study.results.tested import verdicts
from dlrun.study.store.job import Job
from dlrun.study.sweep.compile import read_plan

UNITS, RATE = "params.units", "optimizer.adam.lr"


@pytest.mark.parametrize(
    ("better", "than", "message"),
    [
        ({UNITS: 8}, {UNITS: 8}, "'better' and 'than' have the same values"),
        ({UNITS: 8, RATE: 0.1}, {RATE: 0.1, UNITS: 8}, "have the same values"),
        ({UNITS: 8}, {RATE: 0.1}, "'better' and 'than' need the same keys"),
        ({UNITS: 8}, {UNITS: 5}, "'params.units' is never 5; use one of its values"),
        ({UNITS: 8}, {"units": 4}, "the space has no key 'units'"),
    ],
)
def test_what_cannot_be_compared_is_refused(
    tmp_path: Path, better: dict[str, Any], than: dict[str, Any], message: str
) -> None:
    space = {UNITS: [4, 8], RATE: [0.01, 0.1]}
    claims = [{"more is better": {"better": better, "than": than}}]
    sweep = write_sweep(tmp_path, space=space, search="grid", repeats=3, claims=claims)
    with pytest.raises(SpecError) as found:
        read_plan(sweep)
    assert any(message in line for line in found.value.lines())


def test_values_that_differ_in_one_key_can_be_compared(tmp_path: Path) -> None:
    space = {UNITS: [4, 8], RATE: [0.01, 0.1]}
    better, than = {UNITS: 8, RATE: 0.1}, {UNITS: 4, RATE: 0.1}
    claims = [{"more is better": {"better": better, "than": than}}]
    sweep = write_sweep(tmp_path, space=space, search="grid", repeats=3, claims=claims)
    assert list(read_plan(sweep).claims) == ["more is better"]


def test_a_whole_number_of_a_real_range_is_the_value_of_trials(tmp_path: Path) -> None:
    rate = "optimizer.sgd.lr"
    spec = {**SPEC, "optimizer": {"sgd": {"lr": 0.1}}}
    space, search = {rate: {"uniform": [1, 2]}}, {"grid": {"points": 2}}
    claims = [{"a": {"better": {rate: 1}, "than": {rate: 2}}}]
    keys: dict[str, Any] = {"spec": spec, "space": space, "search": search, "repeats": 3}
    with study(tmp_path, **keys, claims=claims) as ledger:
        batch(ledger, 0)
        for trial, value in enumerate([0.1, 0.5]):
            for repeat in range(3):
                end(ledger, Job(trial, repeat), {LOSS: value + 0.01 * repeat * trial})
        (verdict,) = verdicts(ledger.plan, ledger.state)
    assert verdict.pairs == 1


def test_the_same_number_with_and_without_a_point_is_the_same_value(tmp_path: Path) -> None:
    space = {RATE: {"uniform": [1, 2]}}
    claims = [{"a": {"better": {RATE: 1}, "than": {RATE: 1.0}}}]
    keys: dict[str, Any] = {"search": {"grid": {"points": 2}}, "repeats": 3, "claims": claims}
    with pytest.raises(SpecError, match="'better' and 'than' have the same values"):
        read_plan(write_sweep(tmp_path, space=space, **keys))
