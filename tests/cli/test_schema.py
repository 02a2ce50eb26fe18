from __future__ import annotations

import json
import subprocess
from collections.abc import Callable

from dlrun.training.experiment import Experiment


def test_the_schema_is_json_and_knows_every_key(
    dlrun: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    result = dlrun("schema")
    schema = json.loads(result.stdout)
    assert (result.returncode, result.stderr) == (0, "")
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert '"dense"' in result.stdout
    assert set(Experiment.model_fields) <= set(schema.get("properties", {}))
