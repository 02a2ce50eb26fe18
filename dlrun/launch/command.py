"""Finding a run again by the spec and the overrides that it was started with."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from dlrun.experiment.experiment import Experiment
from dlrun.spec.document import Document
from dlrun.spec.overrides import Overrides

_FREE = ("epochs", "max_time", "checkpoint", "log")
"""Keys that may have another value each time that a run is resumed."""


def command_of(document: Document[Experiment], overrides: Overrides) -> dict[str, Any]:
    """A description of a command that is the same each time it is given.

    Args:
        document: the spec, as opened.
        overrides: values that replace those of its keys.
    """
    words = overrides
    if isinstance(overrides, Mapping):
        words = [f"{key}={value}" for key, value in overrides.items()]
    kept = [word for word in words if word.partition("=")[0].split(".")[0] not in _FREE]
    spec = str(document.path.resolve())
    if not document.in_file:
        spec = f"mapping with SHA-256 {sha256(document.content).hexdigest()}"
    return {"spec": spec, "overrides": sorted(kept)}
