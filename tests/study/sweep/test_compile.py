"""Faults of a sweep, each with its place, before anything is trained."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from sweeps import SPEC, SWEEP, write_sweep

from dlrun.errors import SpecError
from dlrun.study.sweep.compile import read_plan

TWO = {
    "objectives": [{"maximize": "validation.accuracy"}, {"minimize": "cost.parameters"}],
}


def claim(objective: str | None = None) -> list[dict[str, Any]]:
    sides = {"better": {"params.units": 16}, "than": {"params.units": 4}}
    return [{"x": {**sides, **({"objective": objective} if objective else {})}}]


CLAIMED = {
    "search": "grid",
    "repeats": 3,
    "space": {"params.units": [4, 16]},
    "claims": claim(),
}


@pytest.mark.parametrize(
    ("key", "value"),
    [("constraints", "params.units < 9"), ("claims", {"a": 1}), ("limits", "x < 1")],
)
def test_what_is_not_a_list_is_one_error(tmp_path: Path, key: str, value: Any) -> None:
    override = f"{key}={json.dumps(value)}"
    with pytest.raises(SpecError) as caught:
        read_plan(write_sweep(tmp_path), [override])
    (line,) = caught.value.errors
    assert line.startswith(f"override {override}: '{key}' must be a list, got")
    assert line.endswith("put it in brackets: [...]")


@pytest.mark.parametrize("length", [101, 300])
def test_a_long_name_is_said_to_be_long(tmp_path: Path, length: int) -> None:
    with pytest.raises(SpecError, match="'name' must have at most 100 characters, got 'aaa"):
        read_plan(write_sweep(tmp_path, name="a" * length))
    assert read_plan(write_sweep(tmp_path, name="a" * 100))


def test_an_error_of_a_value_names_its_line_in_the_sweep(tmp_path: Path) -> None:
    model = [{"reshape": [2, "${units}"]}, "flatten", {"dense": "${classes}"}]
    (tmp_path / "spec.yaml").write_text(
        json.dumps({**SPEC, "model": model, "params": {"units": 1}}, indent=1)
    )
    path = write_sweep(tmp_path, spec="spec.yaml", space={"params.units": [1, 7]})
    line = path.read_text()[: path.read_text().index("params.units")].count("\n") + 1
    with pytest.raises(SpecError) as caught:
        read_plan(path)
    assert caught.value.errors
    for error in caught.value.errors:
        assert error.startswith(f"{tmp_path}/sweep.yaml:{line}")


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        (
            {"objective": {"minimize": "test.loss"}},
            "the test set cannot be used to choose the best trial",
        ),
        ({"objective": None}, "a sweep needs either 'objective' or 'objectives'"),
        (
            {"objectives": [{"minimize": "cost.parameters"}]},
            "'objectives' must be two or three",
        ),
        (
            {**TWO, "prune": "median"},
            "'median' compares trials by a single objective; use halving",
        ),
        (
            {"objective": {"minimize": "validation.loss", "reference": 1.0}},
            "'reference' is a corner of the hypervolume of several objectives; remove it",
        ),
        ({**TWO, **CLAIMED}, "claim 'x' needs 'objective', because the sweep has 2"),
        ({**CLAIMED, "claims": claim("validation.acc")}, "not an objective of this sweep"),
        ({**TWO, **CLAIMED, "claims": claim("cost.parameters")}, "no claim on it can be tested"),
        ({"racing": True, "repeats": 2}, "racing starts after the second seed"),
        ({"racing": True, "repeats": 3, "prune": "halving"}, "remove 'prune', or 'racing'"),
        (
            {"objectives": [{"minimize": "cost.parameters"}] * 2},
            "two objectives are the same",
        ),
        ({"objective": {"minimize": "cost.parameter"}}, "did you mean 'cost.parameters'?"),
        ({"objective": {}}, "an objective needs either 'maximize' or 'minimize'"),
        ({"search": {"random": {"trials": 10**12}}}, "a study has at most 100,000 trials"),
        ({"repeats": 10**12}, "a trial is repeated at most 1,000 times"),
        (
            {"search": "grid", "space": {"epochs": {"integer": [1, 10**12]}}},
            "a grid of 1,000,000,000,000 trials",
        ),
        (
            {"search": "random"},
            "'random' needs 'trials', or the sweep a 'budget'; the space is infinite",
        ),
        ({"repeats": 2, "space": {"seed": [1, 2]}}, "'seed' cannot be searched with 'repeats'"),
        (
            {"space": {"numerics": ["native", "portable"]}},
            "'numerics' cannot be searched: all processes of a study compute in the same way",
        ),
        (
            {"prune": "halving", "space": {"epochs": [1, 2]}},
            "'epochs' cannot be searched with 'prune'",
        ),
        ({"spec": "gone.yaml"}, "gone.yaml: no such file"),
        ({"spec": {**SPEC, "loss": "mse_"}}, "unknown loss 'mse_'"),
        ({"claims": [{"x": {"better": {"a": 1}, "than": {"a": 2}}}]}, "set 'repeats' to 3"),
        (
            {"constraints": ["params.units > 16"]},
            "no values of the space were found that satisfy all",
        ),
        ({"serch": "grid"}, "a sweep has no key 'serch'; did you mean 'search'?"),
    ],
    ids=lambda each: next(iter(each)) if isinstance(each, dict) else "",
)
def test_a_sweep_that_makes_no_sense(tmp_path: Path, keys: dict[str, Any], words: str) -> None:
    with pytest.raises(SpecError) as caught:
        read_plan(write_sweep(tmp_path, **keys))
    assert words in str(caught.value)
    assert all(re.match(r".*sweep\.yaml:\d+:\d+: ", line) for line in caught.value.faults)


def test_errors_of_the_sweep_and_of_its_spec_are_reported_together(tmp_path: Path) -> None:
    space = {"params.units": {"chioce": [4, 8]}}
    path = write_sweep(tmp_path, spec={**SPEC, "loss": "mse_"}, search="girds", space=space)
    with pytest.raises(SpecError) as caught:
        read_plan(path)
    assert [line.partition(": ")[2] for line in caught.value.faults] == [
        "unknown sampler 'girds'; did you mean 'grid'?",
        "unknown dimension 'chioce'; did you mean 'choice'?",
        "unknown loss 'mse_'; did you mean 'mse'?",
    ]


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
    assert all(f"is better, but this sweep would {way} it" in each for each in found)
    assert all(
        re.match(r".*sweep\.yaml:\d+:\d+: (lower|higher) ", each) and score in each
        for each in found
    )


@pytest.mark.parametrize(
    ("name", "keys", "why"),
    [
        ("epochs", {"prune": "halving"}, "'prune' limits"),
        ("seed", {"repeats": 2}, "'repeats' sets"),
    ],
)
def test_what_the_sweep_decides_cannot_be_searched_through_a_parameter_either(
    tmp_path: Path, name: str, keys: dict[str, Any], why: str
) -> None:
    spec = {**SPEC, name: "${units}"}
    path = write_sweep(tmp_path, spec=spec, space={"params.units": [4, 8]}, **keys)
    with pytest.raises(SpecError) as caught:
        read_plan(path)
    assert f"'params.units' changes '{name}', which {why}" in caught.value.faults[-1]
    assert read_plan(write_sweep(tmp_path, spec=spec, space={"params.units": [4, 8]}))


def test_pruning_may_leave_a_claim_without_pairs(tmp_path: Path) -> None:
    units = "params.units"
    claims = [{"wider is better": {"better": {units: 16}, "than": {units: 4}}}]
    keys = {"space": {units: [4, 16]}, "search": "grid", "repeats": 3, "claims": claims}
    assert not read_plan(write_sweep(tmp_path, **keys)).notes
    (note,) = read_plan(write_sweep(tmp_path, prune="halving", **keys)).notes
    assert re.match(r".*sweep\.yaml:\d+:\d+: claims compare trials that are trained to", note)


@pytest.mark.parametrize(
    ("prune", "says"),
    [
        ({"halving": {"min_epochs": 100}}, "halving has no rung before epoch 4"),
        ({"hyperband": {"min_epochs": 4}}, "hyperband has no rung before epoch 4"),
        ({"asha": {"min_epochs": 4}}, "asha has no rung before epoch 4"),
        ({"median": {"min_epochs": 4}}, "median stops no run before epoch 4"),
        ({"median": {"min_trials": 6}}, "median compares after 6 runs, and there are 6"),
    ],
)
def test_a_pruner_that_prunes_nothing_is_said(tmp_path: Path, prune: Any, says: str) -> None:
    (note,) = read_plan(write_sweep(tmp_path, prune=prune)).notes
    assert re.match(rf".*sweep\.yaml:\d+:\d+: {says}, so no trial is pruned$", note)
    for kind in prune:
        assert not read_plan(write_sweep(tmp_path, prune=kind)).notes


def test_seeds_of_repeats_stay_within_64_bits(tmp_path: Path) -> None:
    spec = {**SPEC, "seed": 2**64 - 2}
    read_plan(write_sweep(tmp_path, spec=spec, repeats=2))
    with pytest.raises(SpecError, match=r"the seed of repeat 3 would exceed 2\^64 - 1"):
        read_plan(write_sweep(tmp_path, spec=spec, repeats=3))


def test_a_metric_that_stands_twice_can_be_an_objective(tmp_path: Path) -> None:
    spec = {**SPEC, "metrics": [{"top_k": 1}, {"top_k": 2}]}
    spec["data"] = {**SPEC["data"], "source": {"blobs": {"samples": 110, "centers": 4}}}
    sweep = write_sweep(tmp_path, spec=spec, objective={"maximize": "validation.top_k_2"})
    assert not read_plan(sweep).notes


def test_a_sweep_can_be_a_mapping(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    from_file = read_plan(write_sweep(tmp_path))
    plan = read_plan(SWEEP, folder=from_file.folder)
    assert plan.identity() == from_file.identity()
    assert plan.resolved() == from_file.resolved()
    assert read_plan(SWEEP, ["trials=3"]).trials == 3
    # The text that a study keeps is a sweep with the same content.
    (tmp_path / "kept.yaml").write_bytes(plan.text)
    assert read_plan(Path("kept.yaml")).identity() == plan.identity()


def test_paths_in_a_mapping_start_in_the_working_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "specs").mkdir()
    (tmp_path / "specs" / "spec.yaml").write_text(json.dumps(SPEC))
    sweep = {**SWEEP, "spec": "specs/spec.yaml"}
    monkeypatch.chdir(tmp_path)
    plan = read_plan(sweep)
    assert plan.folder.absolute() == tmp_path
    assert plan.base.folder.absolute() == tmp_path / "specs"
    monkeypatch.chdir(tmp_path / "specs")
    with pytest.raises(SpecError, match=r"sweep: spec: specs/spec\.yaml: no such file"):
        read_plan(sweep)


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"serch": "grid"}, "sweep: serch: a sweep has no key 'serch'; did you mean 'search'?"),
        (
            {"search": "random"},
            "sweep: search: 'random' needs 'trials', or the sweep a",
        ),
        ({"repeats": 10**12}, "sweep: repeats: a trial is repeated at most 1,000 times"),
        (
            {"space": {"optimizer.adam.lr": [-1.0, 0.1]}},
            "sweep: space.optimizer.adam.lr: 'lr' must be greater",
        ),
        ({"spec": {**SPEC, "loss": "mse_"}}, "sweep: spec.loss: unknown loss 'mse_'"),
    ],
    ids=lambda each: next(iter(each)) if isinstance(each, dict) else "",
)
def test_errors_in_a_mapping_have_the_path_of_their_key(keys: dict[str, Any], words: str) -> None:
    with pytest.raises(SpecError) as caught:
        read_plan({**SWEEP, **keys})
    assert any(line.startswith(words) for line in caught.value.faults), caught.value.faults


@pytest.mark.parametrize("space", ["[a, b]", "[{a: [1]}]", "{}", "null", "3"])
def test_a_space_that_is_not_a_mapping_is_one_error(tmp_path: Path, space: str) -> None:
    with pytest.raises(SpecError) as error:
        read_plan(write_sweep(tmp_path), [f"space={space}"])
    (line,) = error.value.faults
    assert "a space must be a mapping of keys; write keys such as" in line


def test_a_list_is_not_a_sweep(tmp_path: Path) -> None:
    (tmp_path / "sweep.yaml").write_text("- name\n")
    with pytest.raises(SpecError, match="a sweep must be a mapping of keys; it begins with keys"):
        read_plan(tmp_path / "sweep.yaml")


def test_different_losses_are_not_compared_without_a_word(tmp_path: Path) -> None:
    tried = {"loss": ["cross_entropy", {"focal": {"gamma": 2}}]}
    smoothed = {"loss.cross_entropy.label_smoothing": [0.0, 0.1]}
    for space in (tried, smoothed):
        (note,) = read_plan(write_sweep(tmp_path, space=space, search="grid")).notes
        assert re.search(r"sweep\.yaml:\d+:\d+: the values of validation\.loss cannot be", note)
        assert note.endswith(f"with different '{next(iter(space))}'; use a metric")
        metric = {"maximize": "validation.accuracy"}
        assert not read_plan(write_sweep(tmp_path, space=space, objective=metric)).notes
    assert not read_plan(write_sweep(tmp_path)).notes
