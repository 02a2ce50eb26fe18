from __future__ import annotations

import json
from typing import Any

from dlrun.spec.schema import json_schema


def test_every_key_and_component_is_in_it(lab: Any) -> None:
    schema = json_schema(lab)
    json.dumps(schema)
    assert schema["$schema"].endswith("2020-12/schema")
    assert set(schema["properties"]) == set(lab.model_fields)
    assert schema["required"] == ["name", "data", "model"]
    ways = schema["$defs"]["block"]["anyOf"]
    assert {way["const"] for way in ways if "const" in way} == {
        "relu", "dense", "linear", "conv", "drop", "repeat", "parallel"
    }  # fmt: skip


def test_layers_within_layers_are_a_reference(lab: Any) -> None:
    text = json.dumps(json_schema(lab)["$defs"]["block"])
    assert "#/$defs/block" in text


def test_references_stand_for_any_plain_value(lab: Any) -> None:
    size = json_schema(lab)["properties"]["data"]["properties"]["size"]
    assert {"type": "string", "pattern": r"\$\{"} in size["anyOf"]
    assert any(way.get("exclusiveMinimum") == 0 for way in size["anyOf"])
