"""Values of a space that only fit together with those of other keys."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sweeps import SPEC, write_sweep

from dlrun.errors import SpecError
from dlrun.study.sweep.compile import read_plan

NESTEROV, MOMENTUM = "optimizer.sgd.nesterov", "optimizer.sgd.momentum"
BOTH = {NESTEROV: [True, False]}
TEST = "data.split.test"


@pytest.mark.parametrize(
    "keys",
    [
        {"space": {**BOTH, MOMENTUM: [0.5, 0.9]}},
        {"space": {MOMENTUM: [0.5, 0.9], **BOTH}},
        {"space": {MOMENTUM: {"uniform": [0.1, 0.9]}, **BOTH}},
        {"space": {**BOTH, MOMENTUM: {"choice": [0.5, 0.9], "when": {NESTEROV: True}}}},
        {"space": {"optimizer": {"fixed": {"value": {"sgd": {"momentum": 0.9}}}}, **BOTH}},
        {"space": {MOMENTUM: [0.0, 0.9], **BOTH}, "constraints": [f"{MOMENTUM} > 0.1"]},
        {"space": {TEST: [0.2, 0.9]}, "constraints": [f"{TEST} < 0.5"]},
        {"space": {MOMENTUM: [0.5, 0.9], **BOTH}, "prune": {"population": {"every": 1}}},
    ],
)
def test_values_that_fit_in_every_trial_are_accepted(tmp_path: Path, keys: dict[str, Any]) -> None:
    spec = {key: value for key, value in SPEC.items() if key != "optimizer"}
    if "prune" in keys:
        spec["optimizer"] = {"sgd": {"lr": 0.1}}
    plan = read_plan(write_sweep(tmp_path, spec=spec, search={"random": {"trials": 6}}, **keys))
    for suggestion in plan.sampler.suggest(plan.space, [], [], 6, 1):
        plan.compile(suggestion, 0)


@pytest.mark.parametrize(
    ("space", "ends"),
    [
        ({**BOTH, MOMENTUM: [0.0]}, "above 0"),
        ({"optimizer": {"fixed": {"value": "sgd"}}, **BOTH}, "above 0"),
        (
            {**BOTH, MOMENTUM: [0.0, 0.5, 0.9]},
            f"above 0; add 'when: {{{MOMENTUM}: [0.5, 0.9]}}' to '{NESTEROV}'",
        ),
        (
            {**BOTH, "optimizer": ["sgd", {"sgd": {"momentum": 0.5}}]},
            f"above 0; add 'when: {{optimizer: {{sgd: {{momentum: 0.5}}}}}}' to '{NESTEROV}'",
        ),
        (
            {**BOTH, MOMENTUM: {"uniform": [0.0, 0.9]}},
            "above 0; it fits some values of the other keys; exclude the others with 'constraints'",
        ),
    ],
)
def test_values_that_fit_in_no_or_some_trials_are_refused(
    tmp_path: Path, space: dict[str, Any], ends: str
) -> None:
    spec = {key: value for key, value in SPEC.items() if key != "optimizer"}
    path = write_sweep(tmp_path, spec=spec, space=space)
    with pytest.raises(SpecError) as caught:
        read_plan(path)
    (fault,) = caught.value.faults
    line = next(n for n, text in enumerate(path.read_text().splitlines(), 1) if NESTEROV in text)
    assert fault.startswith(f"{path}:{line}:")
    assert "'nesterov' needs a 'momentum'" in fault
    assert fault.endswith(ends)


def test_values_that_fit_alone_and_never_together_are_refused(tmp_path: Path) -> None:
    spec = {**SPEC, "optimizer": {"sgd": {"momentum": 0.9}}}
    path = write_sweep(tmp_path, spec=spec, space={MOMENTUM: [0.0], NESTEROV: [True]})
    with pytest.raises(SpecError, match=r"sweep.yaml:\d+:\d+: no values fit each other, for exam"):
        read_plan(path)
