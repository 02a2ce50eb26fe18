from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable

from dlrun.experiment.experiment import Experiment
from dlrun.study.sweep.sweep import Sweep


def test_the_schema_is_json_and_knows_every_key(
    dlrun: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    result = dlrun("schema")
    schema = json.loads(result.stdout)
    assert (result.returncode, result.stderr) == (0, "")
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert '"dense"' in result.stdout
    assert set(Experiment.model_fields) <= set(schema.get("properties", {}))


def test_the_schema_of_sweeps_knows_specs_and_dimensions(
    dlrun: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    schema = json.loads(dlrun("schema", "--sweep").stdout)
    assert schema["title"] == "dlrun sweep"
    assert set(Sweep.model_fields) == set(schema["properties"])
    assert {"sampler", "pruner", "dimension", "experiment", "claim", "layer"} <= set(
        schema["$defs"]
    )
    for reference in re.findall(r'"#/\$defs/(\w+)"', json.dumps(schema)):
        assert reference in schema["$defs"]
    assert set(schema["$defs"]["experiment"]["properties"]) == set(Experiment.model_fields)
