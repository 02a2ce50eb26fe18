"""``dlrun schema``."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from dlrun.cli.terminal import Terminal


def schema(
    sweep: Annotated[bool, typer.Option("--sweep", help="That of sweeps instead.")] = False,
) -> None:
    """Print the JSON Schema of specs, for editors: dlrun schema > dlrun.schema.json."""
    from dlrun import catalog
    from dlrun.spec.schema import json_schema
    from dlrun.study.sweep.schema import sweep_schema
    from dlrun.training.experiment import Experiment

    assert catalog.MODULES
    Terminal().lines(json.dumps(sweep_schema() if sweep else json_schema(Experiment), indent=2))
