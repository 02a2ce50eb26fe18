"""A field that holds lists of lists of components, on all ways into a spec and out of it."""

from __future__ import annotations

from typing import Any

import pytest

from dlrun.spec.explain import explain
from dlrun.spec.resolved import dump, to_yaml
from dlrun.spec.schema import json_schema

SPEC = """params: {n: 3, ways: [[relu], [dense: "${n}"]]}
model:
  - parallel:
      - []
      - [dense: "${n}", relu]
      - - parallel: ${ways}
          merge: add
    merge: concatenate
"""


def test_lists_become_tuples_of_tuples(load: Any) -> None:
    (parallel,) = load(SPEC).model
    assert [[each.kind for each in branch] for branch in parallel.branches] == [
        [],
        ["dense", "relu"],
        ["parallel"],
    ]
    assert parallel.branches[2][0].branches[1][0].units == 3


def test_what_is_dumped_loads_as_equal(load: Any) -> None:
    made = load(SPEC)
    assert load(to_yaml(dump(made)), base="").model == made.model


def test_overrides_go_down_by_numbers(load: Any) -> None:
    made = load(SPEC, ["model.0.parallel.branches.1.0.dense.units=7"])
    assert made.model[0].branches[1][0].units == 7
    made = load(SPEC, ["model.0.parallel.branches.0=[relu]"])
    assert made.model[0].branches[0][0].kind == "relu"


def test_an_override_that_finds_no_item(faults: Any) -> None:
    (fault,) = faults(SPEC, ["model.0.parallel.branches.1.2.dense.units=7"])
    assert "no item '2' in the list; there are 2, counted from 0" in fault


def test_every_value_is_explained(load: Any) -> None:
    rows = {row[0]: row[1:] for row in explain(load(SPEC))}
    value, place = rows["model.0.parallel.branches.1.0.dense.units"]
    assert value == 3
    assert place.partition("spec.yaml")[2].startswith(":7:17 (${n}")
    assert rows["model.0.parallel.branches.1.1"][0] == "relu"
    assert rows["model.0.parallel.branches.0"][0] == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("model: [parallel: relu]", "spec.yaml:3:19: 'branches' must be a list"),
        ("model: [parallel: [[relu], relu]]", "spec.yaml:3:28: 'an item of branches' must be a"),
        ("model: [parallel: [[relu], [rleu]]]", "spec.yaml:3:29: unknown block 'rleu'"),
        ("model: [parallel: [[relu]]]", "'branches' must have at least 2 items"),
    ],
)
def test_faults_have_their_place(faults: Any, text: str, words: str) -> None:
    (fault,) = faults(text)
    assert words in fault


def test_faults_of_all_lists_come_at_once(faults: Any) -> None:
    assert len(faults("model: [parallel: [[rleu], [relu, dnse: 2], [dense: 0]]]")) == 3


def test_the_schema_has_arrays_of_arrays(lab: Any) -> None:
    ways = json_schema(lab)["$defs"]["block"]["anyOf"]
    (parallel,) = (way for way in ways if "parallel" in way.get("properties", {}))
    section, short = parallel["properties"]["parallel"]["anyOf"]
    assert short == section["properties"]["branches"]
    assert short["type"] == short["items"]["type"] == ["array", "string"]  # text is a reference
    assert short["pattern"] == short["items"]["pattern"] == r"\$\{"
    assert short["items"]["items"] == {"$ref": "#/$defs/block"}
