from __future__ import annotations

from typing import Any

import pytest

from dlrun.spec.explain import explain


@pytest.mark.parametrize(
    ("path", "value", "place"),
    [
        ("name", "b", "override name=b"),
        ("data.path", "x", "spec.yaml:2:14"),
        ("data.size", 8, "default"),
        ("model.0", "relu", "spec.yaml:4:9"),
        ("model.1.dense.units", 3, "spec.yaml:4:22 (${n}: spec.yaml:3:13)"),
        ("model.2.dense.units", 5, "spec.yaml:4:37 (${classes}: data)"),
        ("model.1.dense.bias", True, "default"),
        ("params.n", 3, "spec.yaml:3:13"),
        ("rule.adam.lr", 0.5, "spec.yaml:5:14"),
        ("rule.adam.beta", 0.9, "default"),
    ],
)
def test_every_value_is_explained(load: Any, path: str, value: Any, place: str) -> None:
    text = 'params: {n: 3}\nmodel: [relu, dense: "${n}", dense: "${classes}"]\nrule: {adam: 0.5}\n'
    made = load(text, ["name=b"], facts={"classes": 5})
    rows = {row[0]: row for row in explain(made)}
    _, found, origin = rows[path]
    folder = str(made.data.origin).split("spec.yaml")[0]
    assert (found, origin.replace(folder, "")) == (value, place)
