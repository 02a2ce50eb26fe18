"""Two values of a choice that train the same network are named before the first trial."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sweeps import write_sweep

from dlrun.study.sweep.compile import read_plan


@pytest.mark.parametrize(
    ("space", "pairs"),
    [
        ({"optimizer": ["sgd", {"sgd": {}}]}, ["'sgd' and {sgd: {}}"]),
        ({"optimizer": ["sgd", "adam", {"sgd": {"lr": 0.01}}]}, ["'sgd' and {sgd: {lr: 0.01}}"]),
        ({"optimizer": [{"sgd": 0.1}, {"sgd": {"lr": 0.1}}]}, ["{sgd: 0.1} and {sgd: {lr: 0.1}}"]),
        ({"model.1": ["relu", {"relu": None}, "tanh"]}, ["'relu' and {relu: null}"]),
        ({"optimizer": ["sgd", "adam", {"sgd": {"lr": 0.02}}]}, []),
        ({"optimizer": [{"sgd": 0.1}, {"sgd": 0.2}]}, []),
        ({"params.units": [4, 8]}, []),
        (
            {
                "optimizer": ["adam", {"adam": {"beta1": 0.9}}],
                "optimizer.adam.lr": {"choice": [0.1, 0.2], "when": {"optimizer": "adam"}},
            },
            [],
        ),
    ],
)
def test_two_values_that_mean_the_same(
    tmp_path: Path, space: dict[str, Any], pairs: list[str]
) -> None:
    notes = read_plan(write_sweep(tmp_path, search="grid", space=space)).notes
    (key, *_) = space
    place = f"{tmp_path / 'sweep.yaml'}:"
    said = [each for each in notes if "mean the same" in each]
    assert [each.split(": ", 1)[1] for each in said] == [
        f"{pair} of '{key}' mean the same; remove one of them" for pair in pairs
    ]
    assert all(each.startswith(place) for each in said)
