"""Overrides of sweeps, through the plans that they give."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from sweeps import SPEC, write_sweep

from dlrun.errors import SpecError
from dlrun.nn.optimizers.rmsprop import RMSProp
from dlrun.search.samplers.bayes import Bayes
from dlrun.search.samplers.random import Random
from dlrun.study.sweep.compile import read_plan


def test_keys_of_the_sampler_need_no_more_than_their_name(tmp_path: Path) -> None:
    sweep = write_sweep(tmp_path)
    assert read_plan(sweep, ["trials=50"]).sweep.search == Random(trials=50)
    assert read_plan(sweep, {"trials": 50}).sweep.search == Random(trials=50)
    found = read_plan(sweep, ["search.bayes.trials=9", "batch=2", "start=5"]).sweep.search
    assert found == Bayes(trials=9, batch=2, start=5)
    assert read_plan(sweep, ["repeats=2"]).sweep.repeats == 2


@pytest.mark.parametrize(
    ("override", "key", "dimension"),
    [
        ("space.params.units=[1, 2]", "params.units", {"choice": {"values": [1, 2]}}),
        ("space.params.units.choice=[1, 2]", "params.units", {"choice": {"values": [1, 2]}}),
        ("space.data.batch_size={integer: [8, 16]}", "data.batch_size", {"integer": [8, 16]}),
        ("space.optimizer.adam.lr.log_uniform=[1e-5, 1]", "optimizer.adam.lr", {"ends": 1}),
        ("space.optimizer.adam.lr={fixed: 0.1}", "optimizer.adam.lr", {"fixed": 0.1}),
    ],
)
def test_keys_of_the_space(
    tmp_path: Path, override: str, key: str, dimension: dict[str, Any]
) -> None:
    plan = read_plan(write_sweep(tmp_path), [override])
    found = plan.space.dimensions[key]
    assert found.kind in (*dimension, "log_uniform")
    assert set(plan.space.keys) == {"optimizer.adam.lr", "params.units", key}
    other = "params.units" if key != "params.units" else "optimizer.adam.lr"
    assert plan.space.dimensions[other] == read_plan(write_sweep(tmp_path)).space.dimensions[other]
    assert found != read_plan(write_sweep(tmp_path)).space.dimensions.get(key)


def test_a_dimension_keeps_what_an_override_does_not_name(tmp_path: Path) -> None:
    space = {"params.units": {"integer": {"ends": [4, 32], "log": True}}}
    plan = read_plan(
        write_sweep(tmp_path, space=space), ["space.params.units.integer.ends=[2, 64]"]
    )
    assert plan.space.dimensions["params.units"].contains(2)
    assert plan.space.dimensions["params.units"].log  # type: ignore[attr-defined]


@pytest.mark.parametrize("apart", [False, True], ids=["within", "apart"])
def test_keys_of_the_spec(tmp_path: Path, apart: bool) -> None:
    """Also those that it does not have yet, and whether it is a file of its own or not."""
    (tmp_path / "spec.yaml").write_text(json.dumps(SPEC))
    space = {"params.units": [4, 8]}
    sweep = write_sweep(tmp_path, spec="spec.yaml" if apart else SPEC, space=space)
    plan = read_plan(sweep, ["spec.epochs=7", "spec.max_time=5m", "spec.optimizer.rmsprop.lr=0.5"])
    found = plan.compile({"params.units": 4}, 0).experiment
    assert (found.epochs, found.max_time) == (7, 300)
    assert found.optimizer == RMSProp(lr=0.5)
    (tmp_path / "again.yaml").write_text(plan.resolved())
    assert read_plan(tmp_path / "again.yaml").identity() == plan.identity()


@pytest.mark.parametrize(
    ("override", "words"),
    [
        ("spec.epoch=3", "override spec.epoch=3: unknown key 'epoch'"),
        ("spec.epochs=0", "override spec.epochs=0: 'epochs'"),
        ("trails=50", "override trails=50: unknown key 'trails'"),
        ("points=3", "unknown key 'points'"),  # of another sampler
        ("space.params.units.chioce=[1]", "unknown dimension 'chioce'; did you mean 'choice'?"),
        ("space.params.unit=[1, 2]", "unknown key 'unit'; did you mean 'units'?"),
        ("space.params.units.integer=[4, 2]", "must go from a lower to a higher number"),
    ],
)
def test_overrides_that_lead_nowhere(tmp_path: Path, override: str, words: str) -> None:
    with pytest.raises(SpecError) as caught:
        read_plan(write_sweep(tmp_path), [override])
    assert words in str(caught.value)
    assert all("override" in line for line in caught.value.faults)


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        (["trials=5", "search=sobol"], "override search=sobol: it would undo trials=5"),
        (["space.params.units.choice=[2]", "space.params.units=[4]"], "undo space.params.units.ch"),
        (["space.a=[1]", "space={params.units: [2]}"], "it would undo space.a=[1]"),
        (["spec.optimizer=sgd"], "override spec.optimizer=sgd: 'optimizer.adam.lr' of the space"),
        (
            ["spec.optimizer.adam.lr=1"],
            "the space also sets 'optimizer.adam.lr'; override space.opt",
        ),
        (["spec.params.units=3"], "the space also sets 'params.units'"),
    ],
)
def test_overrides_that_are_undone(tmp_path: Path, overrides: list[str], words: str) -> None:
    with pytest.raises(SpecError) as caught:
        read_plan(write_sweep(tmp_path), overrides)
    assert words in str(caught.value)


def test_of_two_for_one_key_the_last_wins(tmp_path: Path) -> None:
    overrides = ["trials=5", "search.random.trials=6", "space.params.units=[1]"]
    plan = read_plan(write_sweep(tmp_path), [*overrides, "space.params.units=[2]"])
    assert plan.trials == 6
    assert plan.space.dimensions["params.units"].contains(2)
