from __future__ import annotations

import math
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from dlrun.spec.nodes import plain
from dlrun.spec.problems import Problems
from dlrun.spec.resolved import dump, to_yaml
from dlrun.spec.yaml import parse

SPEC = """model:
  - repeat: 2
    layers: [relu, drop: 0.25]
  - conv: {filters: 4, kernel: [3, 5]}
  - dense: {units: 2, start: {sgd: 1e-5}}
params: {no: "no", e: '1e-3', f: 1e-05, t: [1, x], d: {a: null}, n: "$${x}", o: "a $${ b"}
max_time: 2h
"""


def test_names_stand_bare_and_defaults_are_in(load: Any) -> None:
    data = dump(load("model: [relu, dense: 3]"))
    assert data["model"] == ["relu", {"dense": {"units": 3, "bias": True, "start": None}}]
    assert data["rule"] == {"adam": {"lr": 1e-3, "beta": 0.9}}
    assert data["data"] == {"path": "x", "size": 8, "kinds": {}}


def test_what_is_dumped_loads_as_equal(load: Any) -> None:
    made = load(SPEC)
    again = load(to_yaml(dump(made)), base="")
    assert again == made
    assert dump(again) == dump(made)


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | st.text()
    | st.sampled_from(["no", "1e-3", "", "~", "<<", "0x1f", "a: b", "# c", "-", "\x85", "${", "=="])
)
KEYS = st.text(min_size=1, max_size=8).filter(lambda key: key != "<<")


@given(st.recursive(SCALARS, lambda x: st.lists(x) | st.dictionaries(KEYS, x), max_leaves=12))
def test_yaml_gives_back_what_it_was_given(data: Any) -> None:
    def tuples(value: Any) -> Any:
        if isinstance(value, list):
            return tuple(map(tuples, value))
        if isinstance(value, dict):
            return {key: tuples(each) for key, each in value.items()}
        return value

    problems = Problems()
    node = parse(to_yaml({"x": data}), "f", problems)
    problems.raise_if_any()
    assert node is not None
    assert repr(plain(node)) == repr({"x": tuples(data)})


def test_nan_comes_back() -> None:
    node = parse(to_yaml({"x": math.nan}), "f", Problems())
    assert node is not None
    assert math.isnan(plain(node)["x"])
