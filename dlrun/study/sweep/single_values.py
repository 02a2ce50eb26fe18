"""Errors of the spec with single values of the space, found before the first trial."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from dlrun.data.prepared_cache import KeptData
from dlrun.errors import SpecError
from dlrun.experiment import score_names
from dlrun.experiment.compile import Compiled, compile_document
from dlrun.experiment.experiment import Experiment
from dlrun.experiment.plugins import Allow
from dlrun.search.space import Space
from dlrun.search.suggestion import thawed
from dlrun.spec import build, nodes
from dlrun.spec import overrides as override
from dlrun.spec.document import Document
from dlrun.spec.flow import show
from dlrun.spec.origin import Origin
from dlrun.spec.problems import Problems
from dlrun.study.sweep.base_spec import Base
from dlrun.study.sweep.checks import known_scores
from dlrun.study.sweep.contradictions import placed
from dlrun.study.sweep.own_values import own_values
from dlrun.study.sweep.with_others import every_trial, extremes, fit, some_trials


@dataclass(frozen=True, slots=True)
class Variants:
    """The spec with values of the space.

    Attributes:
        space: the search space.
        node: its tree, which has the places of the keys.
        base: the spec.
        data: the data of the spec, read once.
        allow_plugins: whether the Python files that the spec names may run.
        required: scores that each trial must report, and where they are written.
    """

    space: Space
    node: nodes.Mapping
    base: Base
    data: KeptData
    allow_plugins: Allow
    required: Mapping[str, Origin] = field(default_factory=dict)

    def of(self, key: str) -> Iterator[Compiled | list[str]]:
        """The spec with each value of a key or with both ends of its range, or its errors.

        A value that has an error only without the other keys of its trials has these, too; one that
        no trial has is left out.
        """
        for value in extremes(self.space, key):
            try:
                yield self.alone(key, value)
            except SpecError as error:
                found = fit(self.space, key, value, self._accepts)
                if found.refused:
                    faults = [_at(self.space, self.node, key, value, each) for each in error.faults]
                    yield [f"{each}; {found.advice}" if found.advice else each for each in faults]
                elif found.trial is not None:
                    yield self.compiled(found.trial)

    def alike(self, key: str) -> Iterator[Compiled]:
        """The spec with the same values of a key, and the same values of all others."""
        others, values = _conditions(self.space, key), extremes(self.space, key)
        for value in values:
            if not self._accepts({**others, key: value}):
                others = fit(self.space, key, value, self._accepts).trial or others
        for value in values:
            if self._accepts(settings := {**others, key: value}):
                yield self.compiled(settings)

    def alone(self, key: str, value: Any) -> Compiled:
        """The spec with a value of one key, and those of others with which that is active.

        Raises:
            SpecError: it refuses the value, or does not report a required score.
        """
        return self.compiled({**_conditions(self.space, key), key: value})

    def compiled(self, settings: Mapping[str, Any]) -> Compiled:
        """The spec with some values.

        Raises:
            SpecError: it refuses them, or does not report a required score.
        """
        problems = Problems()
        # Values that undo each other are looked for separately.
        overrides = placed(settings, self.node)
        root, _ = override.set_all(self.base.root, Experiment, overrides, problems)
        document = Document(self.base.folder / "spec.yaml", root, Experiment, problems)
        found = compile_document(document, self.data, allow_plugins=self.allow_plugins)
        known, missing = known_scores(found), Problems()
        for score, place in self.required.items():
            if score not in known:
                missing.add(place, *score_names.unreported(score, known))
        missing.raise_if_any()
        return found

    def _accepts(self, settings: Mapping[str, Any]) -> bool:
        try:
            self.compiled(settings)
        except SpecError:
            return False
        return True


def errors_of_values(
    variants: Variants,
    fixed: Mapping[str, tuple[Any, str]],
    known: dict[str, list[dict[str, int]]],
) -> Iterator[str]:
    """The errors of the spec with each value in turn, at the place of the value in the space.

    Args:
        variants: of the spec.
        fixed: by top-level key of the spec that the sweep decides: its value, and why.
        known: gets, by key, the sizes of the sets of samples with each value.
    """
    space, valid = variants.space, True
    for key in space.keys:
        for found in variants.of(key):
            if isinstance(found, list):
                valid = False
                yield from found
                continue
            known.setdefault(key, []).append(found.data.sizes)
            problems = Problems()
            for name, (own, why) in fixed.items():
                if getattr(found.experiment, name) != own:
                    what = f"'{key}' changes '{name}', which {why}"
                    problems.add(space.origins[key], what, "remove it from the space")
            yield from problems.lines()
    if valid:
        yield from _errors_of_all(variants)


def _errors_of_all(variants: Variants) -> Sequence[str]:
    """The errors of a trial whose values the spec accepts one by one, if it refuses all trials.

    A space with too many trials to try all of them is not refused: some may fit.
    """
    space, first = variants.space, list[str]()
    whole = every_trial(space)
    for suggestion in chain(some_trials(space, own_values(space, variants.base.root)), whole):
        try:
            variants.compiled(suggestion)
            return ()
        except SpecError as error:
            first = first or list(error.faults)
    if not whole:
        return ()
    key = space.keys[0]
    what = "no values fit each other"
    if space.size is None:
        what = "no values were found that fit each other"
    return [f"{space.origins[key]}: {what}, for example: {each}" for each in first]


def _at(space: Space, node: nodes.Mapping, key: str, value: Any, fault: str) -> str:
    """An error of the spec with a value; at the place of the value if it names another one."""
    entry = node.entries[key]
    places = {str(origin) for _, origin in build.places(key, entry.value)} | {str(entry.key)}
    if any(fault.startswith(f"{place}: ") for place in places):
        return fault
    return f"{space.origins[key]}: with {key} {show(value)}: {fault}"


def _conditions(space: Space, key: str) -> dict[str, Any]:
    """Values of other keys with which a key is in force."""
    settings: dict[str, Any] = {}
    for other, allowed in (space.dimensions[key].when or {}).items():
        value = allowed[0] if isinstance(allowed, tuple | list) else allowed
        settings |= {**_conditions(space, other), other: thawed(value)}
    return settings
