"""A warm start from prior studies, which a sweep names in ``from``.

A prior trial is reused if the new study could have it: if some suggestion of the new space leads
to the same spec on the same data, and the trial has scores for all new objectives; costs are
computed.  Other trials cannot be compared with new ones.  A pruned trial has scores after fewer
epochs: the sampler learns from the values that it is expected to have reached, and may suggest it
again.  If a prior study has no reusable trial, its best settings are evaluated first (Feurer,
Springenberg & Hutter,
"Initializing Bayesian hyperparameter optimization via meta-learning", AAAI 2015).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, zip_longest
from pathlib import Path

from dlrun.data.fingerprint import same_data
from dlrun.errors import DataError, SpecError
from dlrun.quantities import count
from dlrun.search.suggestion import Suggestion, identity
from dlrun.spec import nodes
from dlrun.spec.from_python import from_plain
from dlrun.spec.origin import Default
from dlrun.spec.problems import Problems
from dlrun.study.prior_costs import with_costs
from dlrun.study.prior_specs import same_training, spec_of, suggestion_of
from dlrun.study.results.ranking import leaderboard
from dlrun.study.store.directory import StudyDirectory
from dlrun.study.store.prior_trials import KnownTrial, PriorTrials
from dlrun.study.store.recorded import recorded
from dlrun.study.store.state import State
from dlrun.study.store.trial import Trial
from dlrun.study.store.trials import points, trials
from dlrun.study.sweep.base_spec import Base
from dlrun.study.sweep.design import Design
from dlrun.study.sweep.plan import SweepPlan

_FIRST = 4
"""Settings of prior studies that are evaluated first; as many as ``bayes`` suggests at once."""
_WHOLE = ("completed", "eliminated", "infeasible")
"""States of trials that were trained to the end, unless a limit of costs skipped them."""
_TESTED = "trials of other studies may be suggested again, because claims compare runs of this one"


def warm_start(plan: SweepPlan) -> PriorTrials:
    """Read the prior studies of a sweep.

    Raises:
        SpecError: one is missing or broken, or has no trial that the sweep can use.
    """
    sweep, problems, found = plan.sweep, Problems(), list[PriorTrials]()
    for number, name in enumerate(sweep.prior_studies):
        try:
            found.append(_taken(plan, name))
        except (DataError, SpecError) as error:
            inner = error.faults if isinstance(error, SpecError) else [str(error)]
            for line in inner:
                problems.add(sweep.place_of_prior_study(number), line)
    problems.raise_if_any()
    known = _distinct(chain.from_iterable(each.known for each in found))
    old = {identity(each.suggestion) for each in known if not each.epochs}
    in_turn = chain.from_iterable(zip_longest(*(each.first for each in found)))
    first = {identity(each): each for each in in_turn if each is not None}
    new = [each for word, each in first.items() if word not in old]
    said = dict.fromkeys(line for each in found for line in each.said)  # a study may be named twice
    if plan.claims and old:
        said[_TESTED] = None
    return PriorTrials(known, new[:_FIRST], list(said))


def _taken(plan: SweepPlan, name: str) -> PriorTrials:
    directory = StudyDirectory.open(plan.folder / name)
    design, state = recorded(directory)
    rows = [row.trial for row in leaderboard(design, state).rows]
    # The score of a fork is due to the settings of all trials that it continues.
    ended = [trial for trial in rows if trial.ended and trial.number not in state.forks]
    before, now = state.identity, plan.identity()
    if not ended or before is None:
        raise DataError(f"{directory.path}: no trial of this study has ended")
    alike = same_data(before["data"], now["data"])
    root = from_plain(before["spec"], Default())
    assert isinstance(root, nodes.Mapping)
    base = Base("", directory.path.name, root, Path(state.folder))
    possible, same = list[tuple[Trial, Suggestion]](), dict[int, Suggestion]()
    for trial in ended:
        spec = spec_of(plan, base, trial.suggestion)
        suggestion = None if spec is None else suggestion_of(plan, spec)
        if spec is None or suggestion is None:
            continue
        possible.append((trial, suggestion))
        if alike and same_training(spec, spec_of(plan, plan.base, suggestion)):
            same[trial.number] = suggestion
    whole = {trial.number for trial in ended if trial.status in _WHOLE and not trial.skipped}
    priced_now = with_costs(
        plan, _unlimited(state), {n: each for n, each in same.items() if n in whole}
    )
    scored = {each.number: each for each in _scored(plan, design, priced_now)}
    known, best = list[KnownTrial](), list[Suggestion]()
    for trial, suggestion in possible:
        counts = trial.number in scored and trial.number in same
        if counts:
            (point,) = points([scored[trial.number]], plan.sweep.goals)
            means = scored[trial.number].means
            if plan.unaffordable(suggestion) or plan.unmet(suggestion, means):
                point = None  # infeasible here, which is as bad as a failed trial
            pruned = trial.epochs if trial.status == "pruned" else 0
            known.append(KnownTrial(suggestion, point, pruned))
        if trial.status == ("pruned" if counts else "completed"):
            best.append(suggestion)
    reused = [each for each in known if not each.epochs]
    if any(each.point is not None for each in reused):
        said = f"{name}: {len(reused)} of {len(ended)} trials are reused in this study"
        return PriorTrials(known, (), [said, *_pruned(name, known)])
    if best and any(each.epochs for each in known):
        first = best[:_FIRST]
        met = "meets the limits" if whole & scored.keys() & same.keys() else "was completed"
        said = f"{name}: none of its {len(ended)} trials {met}"
        return PriorTrials(known, first, [f"{said}, so {_best(first)} evaluated first"])
    if reused and not best:
        # They teach a sampler what to avoid, as the failed trials of this study do.
        said = f"{name}: {len(reused)} of {len(ended)} trials are reused in this study"
        unmet = bool(whole & scored.keys() & same.keys())
        why = "they failed or do not meet the limits" if unmet else "all of them failed"
        return PriorTrials(known, (), [f"{said} as trials without a score: {why}"])
    if not best:
        what, advice = "is in this space", f"its keys are {', '.join(design.space.keys)}"
        if possible:
            what, advice = "was completed", "name another study, or remove it"
        raise DataError(f"{directory.path}: none of its {len(ended)} trials {what}; {advice}")
    first = best[:_FIRST]
    why = "different spec, or no value of the objective" if alike else "different data"
    of = f" of its {count(len(ended), 'trial')}"
    said = f"{name}: {why}, so {_best(first, of)} evaluated first"
    return PriorTrials((), first, [said])


def _unlimited(state: State) -> State:
    """A prior study as if its scores had no limits: those of the new one decide."""
    skipped = {n: why for n, why in state.infeasible.items() if n in state.skipped}
    return replace(state, infeasible=skipped)


def _best(first: Sequence[Suggestion], of: str = "") -> str:
    """``the best 4 of its 9 trials are``, or ``the best of its 9 trials is``."""
    return f"the best{of} is" if len(first) == 1 else f"the best {len(first)}{of} are"


def _pruned(name: str, known: Sequence[KnownTrial]) -> list[str]:
    """A line about pruned trials, if there are any."""
    epochs = sorted(each.epochs for each in known if each.epochs)
    if not epochs:
        return []
    few = f"{epochs[0]}" if epochs[0] == epochs[-1] else f"{epochs[0]} to {epochs[-1]}"
    plural = "" if few == "1" else "s"
    what = f"{len(epochs)} pruned after {few} epoch{plural} may be suggested again"
    return [f"{name}: {what}, because their scores are not those of a whole training"]


def _scored(plan: SweepPlan, design: Design, state: State) -> Iterator[Trial]:
    """The trials of a prior study that failed or have a score for each new objective."""
    for trial in trials(state, plan.sweep.goals, design.sweep.repeats, design.trials):
        whole = all(len(row) == len(trial.runs) for row in trial.scores)
        if trial.status == "failed" or (trial.ended and trial.scores and whole):
            yield trial


def _distinct(known: Iterable[KnownTrial]) -> list[KnownTrial]:
    """One trial of those with the same values: the first, which is the best one of a study.

    A completed trial comes before a pruned one.
    """
    found: dict[str, KnownTrial] = {}
    for each in sorted(known, key=lambda each: each.epochs > 0):
        found.setdefault(identity(each.suggestion), each)
    return list(found.values())
