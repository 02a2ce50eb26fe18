"""Versions, machine and code state of a run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dlrun.pages.pieces.text import facts
from dlrun.pages.section import Section, missing


def environment_section(environment: Mapping[str, Any]) -> Section:
    """Versions, machine and code state.

    Args:
        environment: the content of environment.json; empty without one.
    """
    if not environment:
        return missing("environment", "Environment", "The run has no environment.json.")
    packages, git = _mapping(environment.get("packages")), environment.get("git")
    entries = {
        "Python": str(environment.get("python", "")),
        "packages": ", ".join(f"{name} {version}" for name, version in packages.items()),
        "platform": str(environment.get("platform", "")),
        "processor": _processor(_mapping(environment.get("cpu"))),
        "threads": str(environment.get("threads", "")),
        "kernels": str(environment.get("kernels", "")),
        "data (SHA-256)": str(environment.get("data", "")),
    }
    if "git" in environment:
        entries["git"] = "not in a repository" if git is None else _flat(git)
    if environment.get("numerics"):
        entries["portable numerics"] = _flat(environment["numerics"])
    if environment.get("plugins"):
        entries["Python files (plugins)"] = _flat(environment["plugins"])
    known = {name: value for name, value in entries.items() if value}
    return Section("environment", "Environment", [facts(known)])


def _processor(cpu: Mapping[str, Any]) -> str:
    if not cpu:
        return ""
    return f"{cpu.get('model', '')}, {cpu.get('usable', '')} of {cpu.get('count', '')}"


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _flat(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {each}" for key, each in value.items())
    return str(value)
