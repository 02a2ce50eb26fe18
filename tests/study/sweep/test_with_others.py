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


def test_values_that_never_fit_are_refused_with_any_rate(tmp_path: Path) -> None:
    spec = {**SPEC, "optimizer": {"sgd": {"momentum": 0.9}}}
    space = {MOMENTUM: [0.0], NESTEROV: [True], "weight_decay": {"uniform": [0.0, 0.1]}}
    with pytest.raises(SpecError, match=r"no values were found that fit each other, for exam"):
        read_plan(write_sweep(tmp_path, spec=spec, space=space))


def kernels(own: int) -> dict[str, Any]:
    """A spec with five kernels on an image of 8 x 8, whose sizes add up to at most 12."""
    sizes = [f"${{k{n}}}" for n in range(5)]
    return {
        **SPEC,
        "params": {f"k{n}": own for n in range(5)},
        "data": {"source": "digits", "split": {"validation": 0.2}},
        "model": [
            *({"conv": {"filters": 1, "kernel": each, "padding": 0}} for each in sizes),
            "flatten",
            {"dense": "${classes}"},
        ],
    }


@pytest.mark.parametrize("sizes", [{"integer": [1, 8]}, [1, 2, 3, 4, 5, 6, 7, 8]])
def test_a_space_that_has_the_trial_of_the_spec_is_accepted(tmp_path: Path, sizes: Any) -> None:
    """Of 32,768 trials 792 fit, so a few random ones may all be refused."""
    space = {f"params.k{n}": sizes for n in range(5)}
    read_plan(write_sweep(tmp_path, spec=kernels(1), space=space))


def test_a_space_of_which_not_all_trials_are_tried_is_accepted(tmp_path: Path) -> None:
    """The spec's own values are not in it, and of 6^5 trials one fits."""
    space = {f"params.k{n}": [2, 4, 5, 6, 7, 8] for n in range(3)}
    space |= {f"params.k{n}": [3, 4, 5, 6, 7, 8] for n in range(3, 5)}
    read_plan(write_sweep(tmp_path, spec=kernels(1), space=space))


def test_a_value_that_fits_only_the_smallest_others_says_so(tmp_path: Path) -> None:
    spec = kernels(1)
    spec["params"]["k1"] = 2
    space = {"params.k0": [1, 8], **{f"params.k{n}": {"integer": [1, 7]} for n in range(1, 5)}}
    with pytest.raises(SpecError) as caught:
        read_plan(write_sweep(tmp_path, spec=spec, space=space))
    (line,) = caught.value.errors
    assert line.endswith("exclude the others with 'constraints'"), line
