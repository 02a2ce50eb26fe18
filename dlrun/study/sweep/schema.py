"""JSON Schema of a sweep."""

from __future__ import annotations

from typing import Any

from dlrun import catalog
from dlrun.experiment.experiment import Experiment
from dlrun.search.dimensions.base import Dimension
from dlrun.spec.schema import json_schema
from dlrun.study.sweep.claim import Claim
from dlrun.study.sweep.sweep import Sweep


def sweep_schema() -> dict[str, Any]:
    """The schema of sweeps, including the one of a spec."""
    catalog.load()
    schema = json_schema(Sweep, "dlrun sweep", [Dimension])
    definitions, properties = schema["$defs"], schema["properties"]
    for name, cls in (("experiment", Experiment), ("claim", Claim)):
        whole = json_schema(cls)
        definitions |= whole.pop("$defs")
        definitions[name] = {key: whole[key] for key in whole if key not in ("$schema", "title")}
    ways: dict[str, dict[str, Any]] = {
        "spec": {"anyOf": [{"type": "string"}, {"$ref": "#/$defs/experiment"}]},
        "space": {
            "type": "object",
            "minProperties": 1,
            "additionalProperties": {"anyOf": [{"$ref": "#/$defs/dimension"}, {"type": "array"}]},
        },
        "first": {"type": "array", "items": {"type": "object", "minProperties": 1}},
        "claims": {
            "type": "array",
            "items": {
                "type": "object",
                "minProperties": 1,
                "maxProperties": 1,
                "additionalProperties": {"$ref": "#/$defs/claim"},
            },
        },
    }
    for name, way in ways.items():
        properties[name] = {**way, "description": properties[name]["description"]}
    return schema
