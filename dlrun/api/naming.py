"""How messages name a spec."""

from __future__ import annotations

from dlrun.spec.given import Given


def name_of(spec: Given) -> str:
    """The path of a YAML file, or ``spec`` for a spec that is given as a mapping."""
    return str(spec) if isinstance(spec, str) or hasattr(spec, "__fspath__") else "spec"
