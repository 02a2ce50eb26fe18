"""From a sweep's file to all that a study needs, with every fault that shows before a trial."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dlrun import catalog
from dlrun.data.kept import KeptData
from dlrun.errors import SpecError
from dlrun.nn.metric import names
from dlrun.rng import Stream, generator
from dlrun.search.samplers.base import novel
from dlrun.search.samplers.random import draws
from dlrun.search.space import Space
from dlrun.search.suggestion import Suggestion, thawed
from dlrun.spec import nodes
from dlrun.spec import overrides as override
from dlrun.spec.build import build
from dlrun.spec.document import Document
from dlrun.spec.nodes import plain
from dlrun.spec.origin import Origin
from dlrun.spec.overrides import Override, Overrides
from dlrun.spec.problems import Problems, did_you_mean
from dlrun.spec.resolved import dump, to_yaml
from dlrun.spec.yaml import read
from dlrun.study.sweep import shorthand
from dlrun.study.sweep.base_spec import Base
from dlrun.study.sweep.claim import Claim, read_claims
from dlrun.study.sweep.contradictions import contradictions, placed, undone
from dlrun.study.sweep.cost import COSTS, costs
from dlrun.study.sweep.sweep import Sweep
from dlrun.training.compile import Compiled, compile_document
from dlrun.training.experiment import Experiment
from dlrun.training.plugins import Allow

_MOST_TRIALS = 100_000
_MOST_REPEATS = 1_000
"""More are a slip of the pen, and would fill the memory before the first one has begun."""
_LISTED = 24
"""A dimension of so many values is checked with each of them, a longer one with its ends."""


@dataclass(frozen=True, slots=True)
class Design:
    """What a sweep says, without a look at its spec.

    Attributes:
        sweep: as typed.
        space: what may be tried.
        claims: by name.
    """

    sweep: Sweep
    space: Space
    claims: Mapping[str, Claim]

    @property
    def trials(self) -> int | None:
        """How many the search is to have; None is as many as the space has."""
        trials: int | None = getattr(self.sweep.search, "trials", None)
        return trials

    @property
    def batch(self) -> int | None:
        """Trials that are suggested at once; None is all of them, which learn nothing."""
        batch: int | None = getattr(self.sweep.search, "batch", None)
        return batch


@dataclass(frozen=True, slots=True)
class Plan(Design):
    """A sweep, checked, and its spec.

    Attributes:
        text: of the sweep's file.
        folder: where relative paths in it start.
        base: the spec that it varies.
        compiled: that spec, as it stands.
        data: that it reads, kept.
        notes: lines on what is allowed, and may not be meant.
    """

    text: bytes
    folder: Path
    base: Base
    compiled: Compiled
    data: KeptData
    notes: Sequence[str] = ()

    @property
    def epochs(self) -> int:
        """Epochs of a trial, if it does not set them itself."""
        return self.compiled.experiment.epochs

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
        """Make sure that every trial trains what its suggestion says.

        Raises:
            SpecError: a value would be undone by another one.
        """
        faults = [each for one in suggestions for each in undone(self.space, self.base.root, one)]
        if faults:
            raise SpecError(list(dict.fromkeys(faults)))

    def spec(self, suggestion: Suggestion) -> str:
        """The spec of a trial's first run with every default filled in, in YAML."""
        experiment = self.compile(suggestion, 0).experiment
        return to_yaml(dump(experiment.anchored(self.base.folder)))

    def costs(self, suggestion: Suggestion, repeat: int, epochs: int) -> dict[str, float]:
        """What a run of so many epochs costs, by name."""
        return costs(self.compile(suggestion, repeat), epochs)

    def resolved(self) -> str:
        """The sweep with every default filled in and its spec written out, in YAML."""
        raw = {
            "spec": thawed(plain(self.base.root)),
            "space": thawed(self.sweep.space),
            "constraints": list(self.sweep.constraints),
            "claims": thawed(self.sweep.claims),
        }
        return to_yaml({**dump(self.sweep), **raw})

    def identity(self) -> dict[str, Any]:
        """All that the suggestions and scores of the study depend on, as plain data for JSON."""
        sweep = self.sweep
        said = [{goal.way: goal.score} for goal in sweep.goals]
        fixed = sweep.search.model_copy(update={"trials": None} if self.trials else {})
        earlier = {"from": list(sweep.earlier)} if sweep.earlier else {}
        return {
            "spec": thawed(plain(self.base.root)),
            "search": repr(fixed),
            "objective": said[0] if sweep.objective is not None else said,
            "repeats": sweep.repeats,
            "racing": sweep.racing,
            "prune": repr(sweep.prune),
            "space": thawed(sweep.space),
            "constraints": list(sweep.constraints),
            "seed": sweep.seed,
            "data": self.compiled.data.fingerprint,
            **earlier,
        }


def read_plan(
    path: Path,
    overrides: Overrides = (),
    folder: Path | None = None,
    *,
    allow_plugins: Allow = False,
) -> Plan:
    """Read a sweep and its spec, and try the ends of every dimension.

    Args:
        path: of the sweep's YAML file.
        overrides: keys of the sweep with other values.
        folder: where relative paths start; None is where the file is.
        allow_plugins: whether the Python files that its spec names may run.

    Raises:
        SpecError: there are faults; all that can be seen at once are in it.
    """
    document = Document.open(path, Sweep)
    problems = document.problems
    assert catalog.MODULES  # which overrides name
    inner, outer = _parted(override.read(overrides, problems))
    root = shorthand.apply(document.root, outer, problems)
    folder = folder or path.parent
    bare = _base(root.get("spec"), folder, problems)
    base = bare.having(inner, problems) if bare is not None and inner else bare
    design = _design(root, problems)
    problems.raise_if_any()
    space = root.get("space")
    assert design is not None and base is not None and bare is not None
    assert isinstance(space, nodes.Mapping)
    notes = contradictions(design.space, space, bare.root, inner, problems)
    data = KeptData()
    compiled = compile_document(base.document((), Problems()), data, allow_plugins=allow_plugins)
    _check_objective(design.sweep, compiled, problems)
    split = compiled.experiment.data.split
    if split.folds is not None and split.fold is None:
        advice = "set data.split.fold, or leave folds out and use repeats"
        problems.add(split.place_of("folds"), "a trial has one fold", advice)
    faults = [*problems.lines(), *_faults_of_values(design.space, space, base, data, allow_plugins)]
    if faults:
        raise SpecError(list(dict.fromkeys(faults)))
    text = path.read_bytes()
    notes += _ways(design.sweep, compiled)
    return Plan(
        design.sweep, design.space, design.claims, text, folder, base, compiled, data, notes
    )


def _parted(overrides: Iterable[Override]) -> tuple[list[Override], list[Override]]:
    """Those of the spec, which may be a file of its own, and those of the sweep."""
    inner, outer = list[Override](), list[Override]()
    for each in overrides:
        if each.path[0] == "spec" and len(each.path) > 1:
            inner.append(Override(each.path[1:], each.value, each.origin))
        else:
            outer.append(each)
    return inner, outer


def read_design(path: Path) -> Design:
    """Read a sweep alone.

    Raises:
        SpecError: there are faults.
    """
    document = Document.open(path, Sweep)
    design = _design(document.root, document.problems)
    document.problems.raise_if_any()
    assert design is not None
    return design


def _design(root: nodes.Mapping, problems: Problems) -> Design | None:
    """What a sweep says; None where it has faults."""
    assert catalog.MODULES
    sweep = build(Sweep, root, problems, "a sweep")
    node, space = root.get("space"), None
    if node is not None:
        space = Space.read(node, root.get("constraints"), problems)
    repeats = sweep.repeats if sweep is not None else 2
    search = sweep.search.kind if sweep is not None else "grid"
    claims = read_claims(root.get("claims"), space, repeats, search, problems)
    if sweep is None or space is None:
        return None
    _check_search(sweep, space, root, problems)
    return Design(sweep, space, claims)


def _base(node: nodes.Node | None, folder: Path, problems: Problems) -> Base | None:
    if isinstance(node, nodes.Mapping):
        return Base(to_yaml(thawed(plain(node))), "spec.yaml", node, folder)
    if isinstance(node, nodes.Scalar) and isinstance(node.value, str):
        file = folder / node.value
        try:
            text, name = read(file)
            return Base.parse(text, name, file.parent)
        except SpecError as fault:
            for line in fault.faults:
                problems.add(node.origin, line)
    return None


def _check_search(sweep: Sweep, space: Space, root: nodes.Mapping, problems: Problems) -> None:
    """Whether the parts of a sweep fit one another."""
    search = sweep.search
    if space.size is None and "trials" in type(search).model_fields:
        if getattr(search, "trials", None) is None:
            problems.add(search.origin, f"'{search.kind}' needs 'trials'", "the space has no end")
    elif search.kind == "grid" and (space.size or 0) > _MOST_TRIALS:
        problems.add(search.origin, f"a grid of {space.size:,} trials", "use random or bayes")
    if space.constraints and not _feasible(sweep, space):
        place = _key(root, "constraints")
        what = "no values of the space were found that make all constraints true"
        problems.add(place, what, "loosen one, or widen the space")
    if (getattr(search, "trials", None) or 0) > _MOST_TRIALS:
        most = f"at most {_MOST_TRIALS:,} trials"
        problems.add(search.place_of("trials"), f"a study has {most}", "lower 'trials'")
    if sweep.repeats > _MOST_REPEATS:
        most = f"at most {_MOST_REPEATS:,} seeds"
        problems.add(sweep.place_of("repeats"), f"a trial has {most}", "lower 'repeats'")
    if sweep.racing:
        place = _key(root, "racing")
        if sweep.repeats < 3:
            problems.add(
                place, "a race begins behind the second seed", "set 'repeats' to 3 or more"
            )
        for name, why in (
            ("prune", "ends runs, and 'racing' trials"),
            ("claims", "need all seeds"),
        ):
            if getattr(sweep, name):
                what = f"'{name}' {why}"
                problems.add(_key(root, name), what, f"remove '{name}', or 'racing'")
    if sweep.objectives:
        for name in ("prune", "claims", "racing"):
            if getattr(sweep, name):
                what = f"'{name}' goes by one objective, and there are {len(sweep.objectives)}"
                problems.add(_key(root, name), what, f"remove '{name}', or name one 'objective'")
    if "seed" in space.dimensions and sweep.repeats > 1:
        place = _key(root, "space", "seed")
        problems.add(place, "'seed' is what repeats change", "remove it, or 'repeats'")
    if "epochs" in space.dimensions and sweep.prune is not None:
        place = _key(root, "space", "epochs")
        problems.add(place, "'epochs' is what 'prune' goes by", "remove it, or 'prune'")


def _feasible(sweep: Sweep, space: Space) -> bool:
    """Whether there is anything to try, as far as a sampler would find it."""
    random = generator(sweep.seed, Stream.SAMPLER, 0)
    if novel(space, draws(random, len(space.keys)), set(), 1, random):
        return True
    points: int | None = getattr(sweep.search, "points", None)
    return points is not None and next(space.grid(points), None) is not None


def _key(root: nodes.Mapping, *path: str) -> Origin:
    node: nodes.Node | None = root
    origin = root.origin
    for name in path:
        assert isinstance(node, nodes.Mapping)
        origin, node = node.entries[name].key, node.get(name)
    return origin


def _check_objective(sweep: Sweep, compiled: Compiled, problems: Problems) -> None:
    """Whether a run reports the score."""
    experiment = compiled.experiment
    parts = ["train"] if compiled.data.validation is None else ["validation", "train"]
    scores = ["loss", *names(experiment.metrics)]
    known = [*(f"{part}.{name}" for part in parts for name in scores), *COSTS]
    for goal in sweep.goals:
        if goal.score in known:
            continue
        what, advice = f"no run reports '{goal.score}'", did_you_mean(goal.score, known)
        if goal.score.startswith("test."):
            what = "the test part is for the trial that wins and cannot choose it"
            advice = f"use {goal.score.replace('test.', f'{parts[0]}.', 1)}"
        problems.add(goal.place_of(goal.way), what, advice)
    if len({goal.score for goal in sweep.goals}) < len(sweep.goals):
        problems.add(sweep.place_of("objectives"), "two objectives are the same", "remove one")


def _ways(sweep: Sweep, compiled: Compiled) -> list[str]:
    """A line on each objective that makes a score worse."""
    metrics = compiled.experiment.metrics
    better = dict(zip(names(metrics), (each.better for each in metrics), strict=True))
    found = []
    for goal in sweep.goals:
        way = "minimize" if better.get(goal.score.partition(".")[2], "min") == "min" else "maximize"
        if way != goal.way:
            less = "less" if way == "minimize" else "more"
            what = f"of {goal.score}, {less} is better, and this sweep would {goal.way} it"
            found.append(f"{goal.place_of(goal.way)}: {what}")
    return found


def _faults_of_values(
    space: Space, node: nodes.Mapping, base: Base, data: KeptData, allow_plugins: Allow
) -> Iterator[str]:
    """The faults of the spec with single values of the space, told where the space says them."""
    for key in space.keys:
        for value in _extremes(space, key):
            problems = Problems()
            settings = {**_conditions(space, key), key: value}
            # Values that undo one another are looked for by themselves.
            root, _ = override.set_all(base.root, Experiment, placed(settings, node), problems)
            document = Document(base.folder / "spec.yaml", root, Experiment, problems)
            try:
                compile_document(document, data, allow_plugins=allow_plugins)
            except SpecError as fault:
                yield from fault.faults


def _extremes(space: Space, key: str) -> Sequence[Any]:
    dimension = space.dimensions[key]
    if dimension.size is not None and dimension.size <= _LISTED:
        return list(dimension.grid(dimension.size))
    return [dimension.at(0.0), dimension.at(1.0)]


def _conditions(space: Space, key: str) -> dict[str, Any]:
    """Values under which a key counts."""
    found: dict[str, Any] = {}
    for other, wanted in (space.dimensions[key].when or {}).items():
        value = wanted[0] if isinstance(wanted, tuple | list) else wanted
        found |= {**_conditions(space, other), other: thawed(value)}
    return found
