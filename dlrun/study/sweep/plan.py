"""A sweep that has been checked together with its spec."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dlrun.data.prepared_cache import KeptData
from dlrun.errors import SpecError
from dlrun.experiment.compile import Compiled, compile_document
from dlrun.search.pruners.base import ReplacingPruner
from dlrun.search.suggestion import Suggestion, thawed
from dlrun.spec import overrides as override
from dlrun.spec.nodes import plain
from dlrun.spec.problems import Problems
from dlrun.spec.resolved import dump, to_yaml
from dlrun.study.sweep.base_spec import Base
from dlrun.study.sweep.contradictions import undone
from dlrun.study.sweep.cost import COSTS, costs
from dlrun.study.sweep.design import Design
from dlrun.study.sweep.fewest_epochs import epochs_param


@dataclass(frozen=True, slots=True)
class SweepPlan(Design):
    """A sweep and its spec, checked: all that a study needs.

    Attributes:
        text: the content of the sweep's file.
        folder: where relative paths in it start.
        base: the spec that it varies.
        compiled: that spec with its own values.
        data: the data of the spec, read once.
        notes: lines about settings that are allowed but may be mistakes.
        fewest: number of samples of the smallest training, validation and test set of a trial.
    """

    text: bytes
    folder: Path
    base: Base
    compiled: Compiled
    data: KeptData
    notes: Sequence[str] = ()
    fewest: Mapping[str, int] = field(default_factory=dict)

    @property
    def portable(self) -> bool:
        """Whether all processes of the study compute with portable numerics."""
        return self.compiled.experiment.numerics == "portable"

    @property
    def epochs(self) -> int:
        """Epochs of a trial that does not set them itself."""
        return self.compiled.experiment.epochs

    def epochs_of(self, suggestion: Suggestion) -> int:
        """Epochs of the whole training of a trial."""
        if "epochs" in suggestion:
            return int(suggestion["epochs"])
        if epochs_param(self.base.root) is None:
            return self.epochs
        try:
            return self.compile(suggestion, 0).experiment.epochs
        except SpecError:  # the trial will fail with the reason
            return self.epochs

    def settings(self, suggestion: Suggestion, repeat: int) -> dict[str, Any]:
        """The overrides of a run: the trial's values and the seed of the repeat, from 0."""
        if "seed" in suggestion:
            return dict(suggestion)
        return {**suggestion, "seed": self.compiled.experiment.seed + repeat}

    def compile(self, suggestion: Suggestion, repeat: int) -> Compiled:
        """The spec with the values of a run."""
        problems = Problems()
        settings = override.read(self.settings(suggestion, repeat), problems)
        return compile_document(self.base.document(settings, problems), self.data)

    def check(self, suggestions: Iterable[Suggestion]) -> None:
        """Make sure that every value of a suggestion takes effect in its trial.

        Raises:
            SpecError: a value would be undone by another one.
        """
        errors = [each for one in suggestions for each in undone(self.space, self.base.root, one)]
        if errors:
            raise SpecError(list(dict.fromkeys(errors)))

    def spec(self, suggestion: Suggestion) -> str:
        """The spec of a trial's first run with every default filled in, in YAML."""
        experiment = self.compile(suggestion, 0).experiment
        return to_yaml(dump(experiment.anchored(self.base.folder)))

    def costs(self, suggestion: Suggestion, repeat: int, epochs: int) -> dict[str, float]:
        """The costs of a run by name, if it trains this many epochs; 0 for all of them."""
        compiled = self.compile(suggestion, repeat)
        return costs(compiled, epochs or compiled.experiment.epochs)

    def unaffordable(self, suggestion: Suggestion) -> str:
        """Why the costs of a trial do not meet the limits; empty if they do, or cannot be known."""
        limits = [each for each in self.limits if each.known_before]
        if not limits:
            return ""
        try:
            costs_of_all = self.costs(suggestion, 0, 0)
        except SpecError:  # the trial will fail with the reason
            return ""
        return _first(each.unmet(costs_of_all) for each in limits)

    def unmet(self, suggestion: Suggestion, scores: Mapping[str, float | None]) -> str:
        """Why the scores of a trained trial do not meet the limits; empty if they do."""
        limits = [each for each in self.limits if not each.known_before]
        if any(each.constraint.keys & set(COSTS) for each in limits):
            scores = {**scores, **self.costs(suggestion, 0, 0)}
        return _first(each.unmet(scores) for each in limits)

    @property
    def limited(self) -> list[str]:
        """The scores that runs must report because of the limits."""
        names = (name for each in self.limits for name in each.names)
        return [name for name in dict.fromkeys(names) if name not in COSTS]

    def resolved(self) -> str:
        """The sweep with every default filled in and its spec written out, in YAML."""
        raw = {
            "spec": thawed(plain(self.base.root)),
            "space": thawed(self.sweep.space),
            "constraints": list(self.sweep.constraints),
            "claims": thawed(self.sweep.claims),
            "first": thawed(self.sweep.first),
        }
        return to_yaml({**dump(self.sweep), **raw})

    def identity(self) -> dict[str, Any]:
        """Everything that suggestions and scores of the study depend on, as plain data for JSON."""
        sweep = self.sweep
        objectives = [{goal.way: goal.score} for goal in sweep.goals]
        prior_studies = {"from": list(sweep.prior_studies)} if sweep.prior_studies else {}
        first = {"first": thawed(self.first)} if self.first else {}
        limits = {"limits": list(sweep.limits)} if sweep.limits else {}
        together = isinstance(sweep.prune, ReplacingPruner)
        size = {"trials": self.trials} if together else {}
        looks: dict[str, Any] = {}
        if sweep.looks is not None:  # a test is planned as a whole, or its error grows
            looks = {"looks": list(sweep.schedule), "claims": thawed(sweep.claims)}
        spec = thawed(plain(self.base.root))
        return {
            "spec": {key: value for key, value in spec.items() if key != "log"},
            "search": repr(self.sampler),
            "objective": objectives[0] if sweep.objective is not None else objectives,
            "repeats": sweep.repeats,
            "racing": sweep.racing,
            "prune": repr(sweep.prune),
            "space": thawed(sweep.space),
            "constraints": list(sweep.constraints),
            "seed": sweep.seed,
            "data": self.compiled.data.fingerprint,
            **prior_studies,
            **first,
            **limits,
            **size,
            **looks,
        }


def _first(reasons: Iterable[str]) -> str:
    return next(filter(None, reasons), "")
