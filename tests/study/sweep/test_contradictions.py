"""Keys of a space that undo one another are a fault, and no others are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from spaces import read as read_space
from sweeps import SPEC, write_sweep

from dlrun.errors import SpecError
from dlrun.experiment.experiment import Experiment
from dlrun.spec import nodes
from dlrun.spec.document import Document
from dlrun.spec.overrides import apply, read
from dlrun.spec.problems import Problems
from dlrun.spec.resolved import dump
from dlrun.spec.yaml import parse
from dlrun.study.sweep.compile import read_plan
from dlrun.study.sweep.contradictions import contradictions

ADAM, SGD = {"optimizer": "adam"}, {"optimizer": "sgd"}


@pytest.mark.parametrize(
    ("space", "words"),
    [
        (
            {"optimizer": ["sgd", "adam"], "optimizer.adam.lr": [0.1, 0.2]},
            ["'optimizer.adam.lr' would replace 'sgd' of 'optimizer'; add 'when: {optimizer: adam"],
        ),
        (
            {"optimizer.adam.lr": [0.1, 0.2], "optimizer": ["sgd", "adam", "adamw"]},
            ["'optimizer.adam.lr' would replace 'sgd' of 'optimizer'; add 'when: {optimizer: adam"],
        ),
        (
            {"optimizer.sgd.lr": [0.1, 0.2], "optimizer.adam.lr": [0.1, 0.2]},
            ["'optimizer.adam.lr' would undo 'optimizer.sgd.lr'; add 'optimizer: [sgd, adam]' to"],
        ),
        (
            {
                "optimizer": ["sgd", "adam"],
                "optimizer.adam.lr": {"choice": [0.1], "when": {"optimizer": ["adam", "sgd"]}},
            },
            ["'optimizer.adam.lr' would replace 'sgd'"],
        ),
        (
            {"optimizer": [{"adam": {"lr": 0.2}}, "adam"], "optimizer.adam.lr": [0.2, 0.3]},
            ["would replace {adam: {lr: 0.2}} of 'optimizer'; add 'when: {optimizer: adam}'"],
        ),
        (
            {"model.0": ["relu", {"dense": 4}], "model.0.dense.units": [4, 8]},
            ["'model.0.dense.units' would replace 'relu' of 'model.0'"],
        ),
        (
            {
                "model": [[{"dense": 2}], ["relu", {"dense": 2}]],
                "model.1.dense.bias": [True, False],
            },
            ["no item '1' in the list"],
        ),
        (
            {"params.units": [4, 8], "model.0.dense.units": [3, 5]},
            ["nothing reads ${units} where 'model.0.dense.units' is 3; remove one of the two"],
        ),
        (
            {"params.units": [4, 8], "model.0": ["tanh", {"dense": "${units}"}]},
            [
                "nothing reads ${units} where 'model.0' is 'tanh'; add 'when: {model.0: ",
                "'when: {model.0: {dense: \"${units}\"}}'",
            ],
        ),
        (
            {"early_stopping": [None], "early_stopping.patience": [3, 4]},
            ["would replace null of 'early_stopping'"],
        ),
    ],
)
def test_what_undoes_another_key_is_told_where_it_is(
    tmp_path: Path, space: dict[str, Any], words: list[str]
) -> None:
    with pytest.raises(SpecError) as caught:
        read_plan(write_sweep(tmp_path, search="grid", space=space))
    for word in words:
        assert word in str(caught.value)
    assert all("sweep.yaml:" in line for line in caught.value.faults)


def test_a_condition_keeps_them_apart(tmp_path: Path) -> None:
    space = {
        "optimizer": ["sgd", "adam"],
        "optimizer.adam.lr": {"log_uniform": [0.01, 0.1], "when": ADAM},
        "optimizer.sgd.lr": {"log_uniform": [0.01, 0.1], "when": SGD},
        "params.units": [4, 8],
        "model.1": ["relu", "tanh"],
    }
    assert not read_plan(write_sweep(tmp_path, space=space)).notes


def test_a_param_that_the_spec_never_reads_is_noted(tmp_path: Path) -> None:
    spec = {**SPEC, "params": {**SPEC["params"], "spare": 1}}
    plan = read_plan(write_sweep(tmp_path, spec=spec, space={"params.spare": [1, 2]}))
    (note,) = plan.notes
    assert "the spec has no ${spare}, so trials that differ only in it train the same" in note


def test_no_suggestion_is_taken_that_the_spec_would_not_have(tmp_path: Path) -> None:
    """Whatever was thought of before, the trial itself is looked at."""
    plan = read_plan(write_sweep(tmp_path))
    plan.check([{"optimizer.adam.lr": 0.01, "params.units": 4}])
    space = {"optimizer.adam.lr": [0.01, 0.02], "optimizer": ["adam"]}
    plan = read_plan(write_sweep(tmp_path, space=space))
    with pytest.raises(SpecError, match=r"sweep\.yaml:.*'optimizer\.adam\.lr': it would undo"):
        plan.check([{"optimizer": "sgd", "optimizer.adam.lr": 0.01}])


BASE = {
    "name": "base",
    "params": {"width": 3, "rate": 0.5},
    "data": {"source": "moons"},
    "model": [{"dense": "${width}"}, "relu", {"dropout": "${rate}"}, {"dense": 2}],
    "loss": "cross_entropy",
    "epochs": 1,
}
CHOICES: dict[str, list[Any]] = {
    "optimizer": ["sgd", "adam", {"adam": {"lr": 0.31}}, {"sgd": {"lr": 0.32}}],
    "optimizer.adam": [{"beta1": 0.33}, {"lr": 0.34}],
    "optimizer.adam.lr": [0.35, 0.31],
    "optimizer.sgd.lr": [0.36, 0.37],
    "optimizer.sgd.momentum": [0.38, 0.39],
    "model": [
        [{"dense": {"units": 11}}, "relu", {"dense": {"units": 2}}],
        [
            {"dense": {"units": "${width}"}},
            "tanh",
            {"dropout": {"rate": 0.4}},
            {"dense": {"units": 2}},
        ],
        [
            {
                "parallel": {
                    "branches": [[{"dense": {"units": "${width}"}}], [{"dense": {"units": 13}}]]
                }
            },
            {"dense": {"units": 2}},
        ],
    ],
    "model.0": ["relu", {"dense": {"units": 14}}, {"dense": {"units": "${width}"}}],
    "model.0.dense.units": [15, 16],
    "model.0.dense.bias": [False],
    "model.1": ["relu", "tanh"],
    "model.2.dropout": [{"rate": 0.41}],
    "model.2.dropout.rate": [0.41, 0.42],
    "params.width": [17, 18],
    "params.rate": [0.43, 0.44],
    "params": [{"width": 19, "rate": 0.5}],
    "data.source.moons.noise": [0.45],
    "early_stopping": [None, {"patience": 3}],
    "early_stopping.patience": [4],
}


@st.composite
def spaces(draw: st.DrawFn) -> dict[str, Any]:
    keys = draw(st.lists(st.sampled_from(list(CHOICES)), min_size=1, max_size=4, unique=True))
    found: dict[str, Any] = {}
    for key in keys:
        size = len(CHOICES[key])
        values = draw(st.lists(st.sampled_from(range(size)), min_size=1, unique=True))
        found[key] = {"choice": [CHOICES[key][each] for each in values]}
        others = [other for other in found if other != key]
        if others and draw(st.booleans()):
            other = draw(st.sampled_from(others))
            found[key]["when"] = {other: draw(st.sampled_from(found[other]["choice"]))}
    return found


def resolved(suggestion: dict[str, Any]) -> dict[str, Any] | None:
    """The spec of a trial with every default, by way of the command line; None with faults."""
    problems = Problems()
    root = parse(json.dumps(BASE), "base.yaml", problems)
    assert isinstance(root, nodes.Mapping)
    for key, value in suggestion.items():  # one by one, so that nothing is compared on the way
        root = apply(root, Experiment, read({key: value}, problems), problems)
    try:
        document = Document(Path("base.yaml"), root, Experiment, problems)
        found: dict[str, Any] = dump(document.build({"classes": 2}))
    except SpecError:
        return None
    return found


def at(data: Any, path: list[str]) -> Any:
    """What stands at a path of a spec, where components are written with all their fields."""
    for step in path:
        if isinstance(data, list):
            data = data[int(step)] if int(step) < len(data) else None
        elif isinstance(data, dict):
            data = data.get(step)
        elif data == step:  # a component without fields
            data = {}
        else:
            return None
    return data


def has(data: Any, value: Any, spec: dict[str, Any]) -> bool:
    """Whether data with all defaults has a value."""
    if isinstance(value, str) and value.startswith("${"):
        return bool(data == spec["params"][value[2:-1]])
    if isinstance(value, list):
        same = isinstance(data, list) and len(data) == len(value)
        return same and all(has(a, b, spec) for a, b in zip(data, value, strict=True))
    if isinstance(data, dict) and isinstance(value, str):  # a component with its fields
        return value in data
    if isinstance(value, dict):
        return isinstance(data, dict) and all(
            key in data and has(data[key], inner, spec) for key, inner in value.items()
        )
    return type(data) is type(value) and bool(data == value)


def without_params(spec: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in spec.items() if key != "params"}


def kept(suggestion: dict[str, Any]) -> bool | None:
    """Whether the spec of a trial has all that its suggestion says; None where it has faults."""
    spec = resolved(suggestion)
    if spec is None:
        return None
    for key, value in suggestion.items():
        if not has(at(spec, key.split(".")), value, spec):
            return False
        if key in ("params.width", "params.rate"):
            other = resolved({**suggestion, key: 29 if key == "params.width" else 0.6})
            if other is not None and without_params(other) == without_params(spec):
                return False
    return True


@settings(max_examples=150)
@given(spaces())
def test_a_space_without_a_fault_trains_what_it_says(space: dict[str, Any]) -> None:
    text = json.dumps({"space": space})
    found, faults = read_space(text)
    if found is None:  # conditions in a circle
        assert faults
        return
    problems = Problems()
    root, node = (parse(each, "x.yaml", problems) for each in (json.dumps(BASE), text))
    assert isinstance(root, nodes.Mapping) and isinstance(node, nodes.Mapping)
    inner = node.get("space")
    assert isinstance(inner, nodes.Mapping)
    notes = contradictions(found, inner, root, [], problems)
    truths = [kept(each) for each in found.grid(9)]
    if problems:
        assert False in truths or None in truths
    else:
        assert False not in truths or notes


def test_the_condition_that_a_message_says_to_add_is_right(tmp_path: Path) -> None:
    """Of values that are lists, too: a bare list in a condition is one of alternatives."""
    model = [[{"dense": "${units}"}, "relu", {"dense": "${classes}"}], [{"dense": "${classes}"}]]
    with pytest.raises(SpecError) as caught:
        read_plan(write_sweep(tmp_path, space={"model": model, "params.units": [4, 8]}))
    (fault,) = caught.value.faults
    condition = yaml.safe_load(fault.partition("add '")[2].removesuffix("'"))["when"]
    assert condition == {"model": [model[0]]}
    units = {"choice": [4, 8], "when": condition}
    read_plan(write_sweep(tmp_path, space={"model": model, "params.units": units}))
