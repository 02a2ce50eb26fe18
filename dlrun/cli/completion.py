"""What a shell offers when Tab is pressed; typer's scripts for bash, zsh and fish ask for it.

Everything is imported when it is needed: an answer needs about 0.2 s of computing, and 0.5 s where
it needs the keys of a spec.  Plugins that a spec names are never run.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from dlrun.spec.component import Component
    from dlrun.spec.nodes import Mapping


def files(incomplete: str) -> list[str]:
    """Nothing, so that the shell offers the names of files, with its own rules for folders."""
    return []


def runs(incomplete: str) -> list[str]:
    """Words that name runs; nothing for a path, so that the shell completes it."""
    from dlrun.collection.naming import names

    return [] if _may_be_a_path(incomplete) else names(incomplete)


def studies(incomplete: str) -> list[str]:
    """Words that name studies; nothing for a path."""
    from dlrun.collection.naming import study_names

    return [] if _may_be_a_path(incomplete) else study_names(incomplete)


def spec_overrides(ctx: typer.Context, incomplete: str) -> list[str]:
    """Keys and values of the spec that the command line names."""
    from dlrun.experiment.experiment import Experiment

    return _overrides(Experiment, "spec", ctx.params, incomplete)


def sweep_overrides(ctx: typer.Context, incomplete: str) -> list[str]:
    """Keys and values of the sweep that the command line names."""
    from dlrun.study.sweep.sweep import Sweep

    return _overrides(Sweep, "sweep", ctx.params, incomplete)


def families(incomplete: str) -> list[str]:
    """Kinds of components."""
    from dlrun import catalog

    names = [root.family.family for root in catalog.FAMILIES]
    return [name for name in names if name.startswith(incomplete)]


def members(ctx: typer.Context, incomplete: str) -> list[str]:
    """Components of the kind that the command line names."""
    from dlrun import catalog

    catalog.load()
    for root in catalog.FAMILIES:
        if root.family.family == ctx.params.get("family"):
            return [name for name in root.family if name.startswith(incomplete)]
    return []


def _overrides(
    cls: type[Component], file: str, params: dict[str, Any], incomplete: str
) -> list[str]:
    """Completions of an override.

    In bash, ``=`` separates words: KEY, = and VALUE arrive one by one, and what is returned
    replaces only the last one.
    """
    from dlrun import catalog
    from dlrun.spec.completion import completions

    before = [str(word) for word in params.get("overrides") or ()]
    prefix = ""
    if before and incomplete == "=":
        prefix, incomplete = f"{before[-1]}=", ""
    elif len(before) > 1 and before[-1] == "=":
        prefix = f"{before[-2]}="
    catalog.load()
    words = completions(cls, _read(params.get(file)), prefix + incomplete)
    return [word.removeprefix(prefix) for word in words]


def _read(path: Path | None) -> Mapping | None:
    """The content of a file; None if it cannot be read, which the command itself reports."""
    from dlrun.errors import DlrunError
    from dlrun.spec import yaml
    from dlrun.spec.nodes import Mapping
    from dlrun.spec.problems import Problems

    if path is None:
        return None
    try:
        text, name = yaml.read(path)
        root = yaml.parse(text, name, Problems())
    except (DlrunError, OSError):
        return None
    return root if isinstance(root, Mapping) else None


def _may_be_a_path(incomplete: str) -> bool:
    """Whether a word contains a folder, or begins like a file in the working directory."""
    return "/" in incomplete or any(path.name.startswith(incomplete) for path in Path().iterdir())
