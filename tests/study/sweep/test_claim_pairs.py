"""Claims of which a grid has no two trials to compare."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sweeps import write_sweep

from dlrun.errors import SpecError
from dlrun.study.sweep.compile import read_plan

UNITS, RATE, OPTIMIZER = "params.units", "optimizer.adam.lr", "optimizer"
ADAM = {
    OPTIMIZER: ["sgd", "adam"],
    RATE: {"choice": [0.01, 0.1], "when": {OPTIMIZER: "adam"}},
    UNITS: [4, 8],
}
REAL = {RATE: {"log_uniform": [1e-3, 1e-1]}, UNITS: [4, 8]}
OF_UNITS = ({UNITS: 8}, {UNITS: 4})


def swept(folder: Path, sides: tuple[dict[str, Any], dict[str, Any]], **keys: Any) -> Path:
    claims = [{"it": {"better": sides[0], "than": sides[1]}}]
    return write_sweep(folder, search="grid", repeats=3, claims=claims, **keys)


@pytest.mark.parametrize(
    ("sides", "keys", "said"),
    [
        (
            ({OPTIMIZER: "adam"}, {OPTIMIZER: "sgd"}),
            {"space": ADAM},
            "claim 'it' cannot be tested: no two trials of the grid differ only in it; fix the "
            "keys that only one side has, or add values",
        ),
        (
            ({OPTIMIZER: "sgd", RATE: 0.01}, {OPTIMIZER: "adam", RATE: 0.01}),
            {"space": ADAM},
            "no trial of the grid has the values of 'better'; a 'when' or a constraint excludes",
        ),
        (
            ({RATE: 0.1}, {RATE: 0.02}),
            {"space": REAL},
            "'optimizer.adam.lr' is never 0.02 in this grid; its values are [0.001, 0.00316",
        ),
        (
            ({UNITS: 4}, {UNITS: 8}),
            {"space": {UNITS: [4, 8]}, "constraints": ["params.units < 8"]},
            "no trial of the grid has the values of 'than'; a 'when' or a constraint excludes",
        ),
    ],
)
def test_they_are_refused(
    tmp_path: Path, sides: tuple[dict[str, Any], dict[str, Any]], keys: dict[str, Any], said: str
) -> None:
    sweep = swept(tmp_path, sides, **keys)
    with pytest.raises(SpecError) as found:
        read_plan(sweep)
    (line,) = found.value.faults
    assert said in line
    number = int(line.removeprefix(f"{sweep}:").split(":")[0])
    assert number >= sweep.read_text().splitlines().index('  "claims": [') + 1


@pytest.mark.parametrize(
    ("sides", "keys"),
    [
        (OF_UNITS, {"space": ADAM}),
        (({OPTIMIZER: "adam", UNITS: 8}, {OPTIMIZER: "adam", UNITS: 4}), {"space": ADAM}),
        (OF_UNITS, {"space": REAL}),
        (({RATE: 0.1}, {RATE: 0.02}), {"space": REAL, "first": [{RATE: 0.02, UNITS: 4}]}),
        (({RATE: 0.1}, {RATE: 0.02}), {"space": REAL, "first": [{RATE: 0.02}]}),
    ],
)
def test_a_single_pair_suffices(
    tmp_path: Path, sides: tuple[dict[str, Any], dict[str, Any]], keys: dict[str, Any]
) -> None:
    assert list(read_plan(swept(tmp_path, sides, **keys)).claims) == ["it"]
