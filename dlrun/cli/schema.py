"""``dlrun schema``."""

from __future__ import annotations

import json

from dlrun.cli.terminal import Terminal


def schema() -> None:
    """Print the JSON Schema of specs, for editors: dlrun schema > dlrun.schema.json."""
    from dlrun import catalog
    from dlrun.spec.schema import json_schema
    from dlrun.training.experiment import Experiment

    assert catalog.MODULES
    Terminal().line(json.dumps(json_schema(Experiment), indent=2))
