"""A spec that is given as a mapping is the same as its file, and its errors name dotted paths."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pytest

from dlrun.errors import SpecError
from dlrun.experiment.compile import compile_spec
from dlrun.experiment.experiment import Experiment
from dlrun.spec.document import Document
from dlrun.spec.given import open_given
from dlrun.spec.nodes import plain
from dlrun.spec.problems import Problems
from dlrun.spec.yaml import parse

Spec = Callable[..., Path]


@pytest.fixture
def mapping(spec: Spec) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(spec().read_text())
    return content


def errors(spec: dict[str, Any], *overrides: str) -> tuple[str, ...]:
    with pytest.raises(SpecError) as caught:
        compile_spec(spec, overrides)
    return caught.value.faults


def test_a_mapping_is_the_experiment_of_the_file(spec: Spec, mapping: dict[str, Any]) -> None:
    of_file, of_mapping = compile_spec(spec()), compile_spec(mapping)
    assert of_mapping.experiment == of_file.experiment
    assert of_mapping.data.fingerprint == of_file.data.fingerprint
    assert compile_spec(MappingProxyType(mapping)).experiment == of_file.experiment


def test_numbers_of_numpy_tuples_and_paths_are_plain(mapping: dict[str, Any]) -> None:
    expected = compile_spec(mapping).experiment
    mapping |= {
        "epochs": np.int64(3),
        "seed": np.uint8(3),
        "metrics": ("accuracy",),
        "optimizer": {"adam": np.float64(0.01)},
    }
    assert compile_spec(mapping).experiment == expected


def test_overrides_replace_keys_of_a_mapping(mapping: dict[str, Any]) -> None:
    before = json.dumps(mapping)
    for overrides in (["optimizer.sgd.lr=0.5", "epochs=1"], {"optimizer.sgd.lr": 0.5, "epochs": 1}):
        experiment = compile_spec(mapping, overrides).experiment
        assert (experiment.optimizer.kind, experiment.optimizer.lr) == ("sgd", 0.5)
        assert experiment.epochs == 1
    assert json.dumps(mapping) == before
    assert errors(mapping, "epochs=0") == (
        "override epochs=0: 'epochs' must be greater than 0, got 0",
    )


@pytest.mark.parametrize(
    ("keys", "start"),
    [
        (
            {"model": [{"dense": {"units": -1}}, {"dense": "${classes}"}]},
            "spec: model.0.dense.units: 'units' must be greater than 0, got -1",
        ),
        (
            {"model": [{"dens": 3}]},
            "spec: model.0.dens: unknown layer 'dens'; did you ",
        ),
        ({"epochs": "three"}, "spec: epochs: 'epochs' must be a whole number, got 'three'"),
        ({"seed": True}, "spec: seed: "),
        ({"nonsense": 1}, "spec: nonsense: the spec has no key 'nonsense'; "),
        ({"params": {1: 2}}, "spec: params.1: a key must be text, got 1; "),
        ({"optimizer": object()}, "spec: optimizer: a spec cannot contain a value of type "),
        ({"name": "${nothing}"}, "spec: name: "),
        ({"metrics": ["accuracy", "r2"]}, "spec: metrics.1: 'r2' scores regression"),
        ({"data": {"source": {"csv": {"path": "none.csv", "target": "a"}}}}, "spec: data.source"),
    ],
)
def test_errors_name_the_dotted_path(
    mapping: dict[str, Any], keys: dict[str, Any], start: str
) -> None:
    assert errors(mapping | keys)[0].startswith(start)


def test_missing_keys_are_errors_of_the_whole_mapping() -> None:
    assert errors({})[0] == "spec: the spec needs 'name'; add it"


def test_all_errors_are_reported_at_once(mapping: dict[str, Any]) -> None:
    assert len(errors(mapping | {"epochs": 0, "seed": -1, "loss": "mse_"})) == 3


def test_the_stored_text_reads_as_the_same_tree(mapping: dict[str, Any]) -> None:
    problems = Problems()
    path, tree, content = open_given(mapping, problems)
    assert tree is not None
    again = parse(content.decode(), "f", problems)
    assert again is not None
    assert plain(again) == plain(tree)
    assert not problems
    assert path.parent == Path()


def test_a_document_knows_whether_it_is_a_file(spec: Spec, mapping: dict[str, Any]) -> None:
    path = spec()
    of_file = Document.open(path, Experiment)
    assert (of_file.in_file, of_file.path, of_file.content) == (True, path, path.read_bytes())
    assert Document.open(str(path), Experiment).in_file
    assert not Document.open(mapping, Experiment).in_file
    assert not Document.open(mapping, Experiment).without("metrics").in_file


def test_a_value_that_no_spec_can_contain_is_one_error() -> None:
    spec = {"name": "a", "data": {"source": {"moons": {"noise": object()}}}}
    with pytest.raises(SpecError) as caught:
        compile_spec({**spec, "model": ["relu"], "loss": "cross_entropy"})
    noise = [error for error in caught.value.errors if "noise" in error]
    assert len(noise) == 1
    assert noise[0].startswith("spec: data.source.moons.noise: a spec cannot contain a value of")
