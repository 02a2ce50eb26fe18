"""Errors of the spec with single values of the space, found before the first trial."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dlrun.data.prepared_cache import KeptData
from dlrun.errors import SpecError
from dlrun.experiment.compile import compile_document
from dlrun.experiment.experiment import Experiment
from dlrun.experiment.plugins import Allow
from dlrun.search.space import Space
from dlrun.search.suggestion import thawed
from dlrun.spec import build, nodes
from dlrun.spec import overrides as override
from dlrun.spec.document import Document
from dlrun.spec.problems import Problems
from dlrun.study.sweep.base_spec import Base
from dlrun.study.sweep.contradictions import placed

_LISTED = 24
"""Each value of a dimension with at most this many is checked; of a longer one, the two ends."""


def errors_of_values(
    space: Space,
    node: nodes.Mapping,
    base: Base,
    data: KeptData,
    allow_plugins: Allow,
    fixed: Mapping[str, tuple[Any, str]],
) -> Iterator[str]:
    """The errors of the spec with each value in turn, at the place of the value in the space.

    Args:
        space: the search space.
        node: its tree, which has the places of the keys.
        base: the spec.
        data: the data of the spec, read once.
        allow_plugins: whether the Python files that the spec names may run.
        fixed: by top-level key of the spec that the sweep decides: its value, and why.
    """
    for key in space.keys:
        values = _extremes(space, key)
        for value, document in zip(values, documents(space, node, base, key), strict=True):
            try:
                compiled = compile_document(document, data, allow_plugins=allow_plugins)
            except SpecError as error:
                yield from (_at(space, node, key, value, fault) for fault in error.faults)
                continue
            problems = Problems()
            for name, (own, why) in fixed.items():
                if getattr(compiled.experiment, name) != own:
                    what = f"'{key}' changes '{name}', which {why}"
                    problems.add(space.origins[key], what, "remove it from the space")
            yield from problems.lines()


def _at(space: Space, node: nodes.Mapping, key: str, value: Any, fault: str) -> str:
    """An error of the spec with a value; at the place of the value if it names another one."""
    entry = node.entries[key]
    places = {str(origin) for _, origin in build.places(key, entry.value)} | {str(entry.key)}
    if any(fault.startswith(f"{place}: ") for place in places):
        return fault
    return f"{space.origins[key]}: with {key} {nodes.show(value)}: {fault}"


def documents(
    space: Space, node: nodes.Mapping, base: Base, key: str
) -> Iterator[Document[Experiment]]:
    """The spec with each value of a key, or with both ends of its range.

    Args:
        space: the search space.
        node: its tree, which has the places of the keys.
        base: the spec.
        key: of the space.
    """
    for value in _extremes(space, key):
        problems = Problems()
        settings = {**_conditions(space, key), key: value}
        # Values that undo each other are looked for separately.
        root, _ = override.set_all(base.root, Experiment, placed(settings, node), problems)
        yield Document(base.folder / "spec.yaml", root, Experiment, problems)


def _extremes(space: Space, key: str) -> Sequence[Any]:
    dimension = space.dimensions[key]
    if dimension.size is not None and dimension.size <= _LISTED:
        return list(dimension.grid(dimension.size))
    return [dimension.at(0.0), dimension.at(1.0)]


def _conditions(space: Space, key: str) -> dict[str, Any]:
    """Values of other keys with which a key is in force."""
    settings: dict[str, Any] = {}
    for other, allowed in (space.dimensions[key].when or {}).items():
        value = allowed[0] if isinstance(allowed, tuple | list) else allowed
        settings |= {**_conditions(space, other), other: thawed(value)}
    return settings
