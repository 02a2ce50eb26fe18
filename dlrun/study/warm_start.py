"""A warm start: what the studies that a sweep names in ``from`` tell it.

A trial counts as one of the new study if that could have had it: if some suggestion of its space
makes the same spec on the same data, and the trial has the scores that are its objectives.  Others
cannot be compared with its own.  One that was pruned has scores of fewer epochs: the search learns
what it is expected to have come to, and may try it again.  Of a study without a trial that counts,
the best ones are tried first (Feurer, Springenberg & Hutter, "Initializing Bayesian hyperparameter
optimization via meta-learning", AAAI 2015).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, zip_longest
from pathlib import Path
from typing import Any

from dlrun.data.fingerprint import same_data
from dlrun.errors import DataError, SpecError
from dlrun.search.suggestion import Suggestion, identity, thawed
from dlrun.spec import nodes
from dlrun.spec import overrides as override
from dlrun.spec.nodes import from_plain
from dlrun.spec.origin import Default
from dlrun.spec.problems import Problems
from dlrun.spec.resolved import dump
from dlrun.study.results.ranking import leaderboard
from dlrun.study.store.directory import StudyDirectory
from dlrun.study.store.prior_trials import Earlier, Known
from dlrun.study.store.recorded import recorded
from dlrun.study.store.state import State
from dlrun.study.store.trials import Trial, points, trials
from dlrun.study.sweep.base_spec import Base
from dlrun.study.sweep.compile import Design, Plan
from dlrun.training.compile import facts_of

_FIRST = 4
"""Trials of earlier studies that are tried again; as many as ``bayes`` suggests at once."""
_NO_MATTER = frozenset({"name", "params", "checkpoint"})
"""Keys of a spec that do not change what is trained; params do where they are put."""


def warm_start(plan: Plan) -> Earlier:
    """Read the studies that a sweep names.

    Raises:
        SpecError: one is not there or broken, or has nothing that the sweep could use.
    """
    sweep, problems, found = plan.sweep, Problems(), list[Earlier]()
    for number, name in enumerate(sweep.earlier):
        try:
            found.append(_taken(plan, name))
        except (DataError, SpecError) as fault:
            inner = fault.faults if isinstance(fault, SpecError) else [str(fault)]
            for line in inner:
                problems.add(sweep.place_of_earlier(number), line)
    problems.raise_if_any()
    known = _distinct(chain.from_iterable(each.known for each in found))
    old = {identity(each.suggestion) for each in known if not each.epochs}
    in_turn = chain.from_iterable(zip_longest(*(each.first for each in found)))
    first = {identity(each): each for each in in_turn if each is not None}
    new = [each for word, each in first.items() if word not in old]
    return Earlier(known, new[:_FIRST], [line for each in found for line in each.said])


def _taken(plan: Plan, name: str) -> Earlier:
    directory = StudyDirectory.open(plan.folder / name)
    design, state = recorded(directory)
    rows = [row.trial for row in leaderboard(design, state).rows]
    ended = [trial for trial in rows if trial.status != "unfinished"]
    before, now = state.identity, plan.identity()
    if not ended or before is None:
        raise DataError(f"{directory.path}: no trial of this study has ended")
    scored = {each.number: each for each in _scored(plan, design, state)}
    alike = same_data(before["data"], now["data"])
    root = from_plain(before["spec"], Default())
    assert isinstance(root, nodes.Mapping)
    base = Base("", directory.path.name, root, Path(state.folder))
    known, best = list[Known](), list[Suggestion]()
    for trial in ended:
        spec = _spec(plan, base, trial.suggestion)
        suggestion = None if spec is None else _suggestion(plan, spec)
        if spec is None or suggestion is None:
            continue
        counts = trial.number in scored and alike
        counts = counts and _same(spec, _spec(plan, plan.base, suggestion))
        if counts:
            (point,) = points([scored[trial.number]], plan.sweep.goals)
            pruned = trial.epochs if trial.status == "pruned" else 0
            known.append(Known(suggestion, point, pruned))
        if trial.status == ("pruned" if counts else "completed"):
            best.append(suggestion)
    whole = [each for each in known if not each.epochs]
    if any(each.point is not None for each in whole):
        said = f"{name}: {len(whole)} of {len(ended)} trials count as trials of this study"
        return Earlier(known, (), [said, *_pruned(name, known)])
    if best and any(each.epochs for each in known):
        first = best[:_FIRST]
        said = f"{name}: none of its {len(ended)} trials was trained to its end"
        return Earlier(known, first, [f"{said}, so the best {len(first)} are tried first"])
    if not best:
        what = f"none of its {len(ended)} trials lies in this space"
        raise DataError(f"{directory.path}: {what}; its keys are {', '.join(design.space.keys)}")
    first = best[:_FIRST]
    why = "another spec, or no such score" if alike else "other data"
    said = f"{name}: {why}, so the best {len(first)} of its {len(ended)} trials are tried first"
    return Earlier((), first, [said])


def _pruned(name: str, known: Sequence[Known]) -> list[str]:
    """A line on trials that were pruned, where there are any."""
    epochs = sorted(each.epochs for each in known if each.epochs)
    if not epochs:
        return []
    few = f"{epochs[0]}" if epochs[0] == epochs[-1] else f"{epochs[0]} to {epochs[-1]}"
    plural = "" if few == "1" else "s"
    what = f"{len(epochs)} pruned after {few} epoch{plural} may be tried again"
    return [f"{name}: {what}, since a score of fewer epochs is none of the whole training"]


def _scored(plan: Plan, design: Design, state: State) -> Iterator[Trial]:
    """The trials of an earlier study that failed or have all scores that are objectives now."""
    for trial in trials(state, plan.sweep.goals, design.sweep.repeats, design.trials):
        whole = all(len(row) == len(trial.runs) for row in trial.scores)
        if trial.status == "failed" or (trial.scores and whole):
            yield trial


def _spec(plan: Plan, base: Base, settings: Suggestion) -> dict[str, Any] | None:
    """A spec with other values as plain data, all defaults filled in; None where it has faults."""
    problems = Problems()
    document = base.document(override.read(settings, problems), problems)
    try:
        experiment = document.build(facts_of(plan.compiled.data))
    except SpecError:
        return None
    found: dict[str, Any] = thawed(dump(experiment.anchored(base.folder)))
    return found


def _suggestion(plan: Plan, spec: Mapping[str, Any]) -> Suggestion | None:
    """What the space calls a spec; None where it does not have it."""
    space, found = plan.space, Suggestion()
    for key in space.keys:
        if space.counts(key, found):
            try:
                found[key] = _value(spec, key.split("."))
            except LookupError:
                return None
    return found if space.contains(found) else None


def _value(data: Any, path: Sequence[str]) -> Any:
    """What stands at a path of plain data.

    Raises:
        LookupError: nothing does.
    """
    for step in path:
        if isinstance(data, list) and step.isdecimal():
            data = data[int(step)]
        elif isinstance(data, dict):
            data = data[step]
        else:
            raise LookupError(step)
    return data


def _same(spec: Mapping[str, Any], other: Mapping[str, Any] | None) -> bool:
    """Whether two specs train the same."""
    kept = spec.keys() - _NO_MATTER
    return other is not None and all(identity(spec[key]) == identity(other[key]) for key in kept)


def _distinct(known: Iterable[Known]) -> list[Known]:
    """One of those with the same values: the first, which is the better one of a study.

    One that was trained to its end comes before one that was pruned.
    """
    found: dict[str, Known] = {}
    for each in sorted(known, key=lambda each: each.epochs > 0):
        found.setdefault(identity(each.suggestion), each)
    return list(found.values())
