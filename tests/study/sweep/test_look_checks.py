from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sweeps import write_sweep

from dlrun.errors import SpecError
from dlrun.study.sweep.compile import read_plan

KEYS: dict[str, Any] = {
    "search": "grid",
    "space": {"params.units": [4, 8]},
    "repeats": 10,
    "claims": [{"c": {"better": {"params.units": 8}, "than": {"params.units": 4}}}],
}


@pytest.mark.parametrize(
    ("repeats", "looks", "schedule"),
    [
        (10, 5, (2, 4, 6, 8, 10)),
        (10, 3, (4, 7, 10)),
        (12, [4, 8], (4, 8, 12)),
        (12, [4, 12], (4, 12)),
    ],
)
def test_looks_are_a_number_or_a_list(
    repeats: int, looks: Any, schedule: tuple[int, ...], tmp_path: Path
) -> None:
    plan = read_plan(write_sweep(tmp_path, **{**KEYS, "repeats": repeats}, looks=looks))
    assert plan.sweep.schedule == schedule
    assert plan.identity()["looks"] == list(schedule)


def test_without_looks_a_study_is_what_it_was(tmp_path: Path) -> None:
    plan = read_plan(write_sweep(tmp_path, **KEYS))
    assert plan.sweep.schedule == (10,)
    assert not {"looks", "claims"} & plan.identity().keys()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"looks": 6, "repeats": 6}, "a claim cannot be tested after one seed"),
        ({"looks": 1}, "'looks' must be"),
        ({"looks": 4, "repeats": 3}, "4 looks need as many seeds, got 3 'repeats'; raise"),
        ({"looks": [1, 5]}, "a claim cannot be tested after one seed"),
        ({"looks": [5, 5]}, "'looks' must be increasing"),
        ({"looks": [6, 4]}, "'looks' must be increasing"),
        ({"looks": [5, 12]}, "'looks' ends after 10 'repeats'"),
        ({"looks": [10]}, "'looks' needs a number of seeds below 'repeats'"),
        ({"looks": 25, "repeats": 100}, "a claim is tested at most 20 times, got 25"),
        ({"looks": 2, "claims": []}, "'looks' tests claims, and there are none"),
        ({"looks": 2, "until": {"score": 0.1}}, "'looks' trains all trials at the same time"),
        ({"looks": 2, "prune": "halving"}, "'looks' needs trials that are trained to their end"),
        ({"looks": 2, "racing": True}, "'looks' needs all seeds of every trial"),
        ({"looks": 2, "budget": {"trials": 2}}, "'looks' needs all trials of the space"),
    ],
)
def test_others_are_refused_with_their_place(
    change: dict[str, Any], words: str, tmp_path: Path
) -> None:
    with pytest.raises(SpecError) as error:
        read_plan(write_sweep(tmp_path, **{**KEYS, **change}))
    (line,) = [each for each in error.value.faults if words in each]
    assert line.startswith(f"{tmp_path}/sweep.yaml:")
