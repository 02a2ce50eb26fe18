"""The values that a spec itself has for the keys of a space."""

from __future__ import annotations

from typing import Any

import pytest
from spaces import space_of

from dlrun.search.suggestion import identity
from dlrun.spec.from_python import from_plain
from dlrun.spec.nodes import Mapping
from dlrun.spec.origin import Default
from dlrun.study.sweep.own_values import own_values

SPEC: dict[str, Any] = {
    "params": {"units": 8},
    "model": [{"dense": 8}, "relu"],
    "optimizer": {"sgd": {"lr": 1}},
}


@pytest.mark.parametrize(
    ("space", "own"),
    [
        ("{params.units: [4, 8], model.0.dense: [8]}", {"params.units": 8, "model.0.dense": 8}),
        ("{optimizer.sgd.lr: {uniform: [0, 2]}}", {"optimizer.sgd.lr": 1.0}),
        ("{params.units: [4], model.7.dense: [8], seed: [1]}", {}),
        (
            "{params.units: [4, 8], model.0.dense: {choice: [8], when: {params.units: 4}}}",
            {"params.units": 8},
        ),
    ],
)
def test_values_that_a_trial_can_have(space: str, own: dict[str, Any]) -> None:
    root = from_plain(SPEC, Default())
    assert isinstance(root, Mapping)
    found = own_values(space_of(f"space: {space}"), root)
    assert identity(found) == identity(own)
