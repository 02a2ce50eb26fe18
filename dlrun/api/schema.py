"""The JSON Schema of specs and sweeps."""

from __future__ import annotations

from typing import Any

from dlrun import catalog
from dlrun.experiment.experiment import Experiment
from dlrun.spec.schema import json_schema
from dlrun.study.sweep.schema import sweep_schema


def schema(*, sweep: bool = False) -> dict[str, Any]:
    """The JSON Schema of specs, for editors.

    Args:
        sweep: whether to return that of sweeps instead.
    """
    catalog.load()
    return sweep_schema() if sweep else json_schema(Experiment)
