"""Claims of a sweep that cannot be tested."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sweeps import write_sweep

from dlrun.errors import SpecError
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
