"""Whether the keys of a sweep fit each other, and its objectives the spec."""

from __future__ import annotations

from dlrun.collection.loss_keys import decides_unit, is_loss
from dlrun.experiment import score_names
from dlrun.experiment.compile import Compiled
from dlrun.nn.metrics.base import names
from dlrun.rng import Stream, generator
from dlrun.search.pruners.base import ChoosingPruner, ReplacingPruner, StoppingPruner
from dlrun.search.samplers.base import novel
from dlrun.search.samplers.random import draws
from dlrun.search.space import Space
from dlrun.spec import nodes
from dlrun.spec.origin import Origin
from dlrun.spec.problems import Problems
from dlrun.study.sweep.cost import COSTS
from dlrun.study.sweep.limit_checks import MOST_TRIALS, check_limits
from dlrun.study.sweep.look_checks import check_looks
from dlrun.study.sweep.sweep import Sweep

_MOST_REPEATS = 1_000
"""A larger number is a typing error, and would fill the memory before the first trial starts."""


def check_search(sweep: Sweep, space: Space, root: nodes.Mapping, problems: Problems) -> None:
    """Check that the keys of a sweep fit each other.

    Args:
        sweep: the typed sweep.
        space: its search space.
        root: its tree, which has the places of the keys.
        problems: gets the errors.
    """
    _check_size(sweep, space, problems)
    check_limits(sweep, problems)
    _check_replacing(sweep, problems)
    check_looks(sweep, problems)
    if space.constraints and not _feasible(sweep, space):
        place = _key(root, "constraints")
        what = "no values of the space were found that satisfy all constraints"
        problems.add(place, what, "loosen one, or widen the space")
    if sweep.racing:
        place = _key(root, "racing")
        if sweep.repeats < 3:
            what = "racing starts after the second seed"
            problems.add(place, what, "set 'repeats' to 3 or more")
        for name, why in (
            ("prune", "cannot be combined with 'racing'"),
            ("claims", "need all seeds of every trial, which 'racing' does not train"),
        ):
            if getattr(sweep, name):
                what = f"'{name}' {why}"
                problems.add(_key(root, name), what, f"remove '{name}', or 'racing'")
    if sweep.objectives:
        if isinstance(sweep.prune, StoppingPruner | ChoosingPruner):
            what = f"'{sweep.prune.kind}' compares trials by a single objective"
            advice = "use halving, hyperband or asha, or set one 'objective'"
            problems.add(sweep.prune.origin, what, advice)
    elif sweep.goal.reference is not None:
        what = "'reference' is a corner of the hypervolume of several objectives"
        problems.add(sweep.goal.place_of("reference"), what, "remove it")
    if "seed" in space.dimensions and sweep.repeats > 1:
        place = _key(root, "space", "seed")
        what = "'seed' cannot be searched with 'repeats', which sets it"
        problems.add(place, what, "remove it, or 'repeats'")
    if "numerics" in space.dimensions:
        place = _key(root, "space", "numerics")
        what = "'numerics' cannot be searched: all processes of a study compute in the same way"
        problems.add(place, what, "set it in the spec")
    if "epochs" in space.dimensions and sweep.prune is not None:
        place = _key(root, "space", "epochs")
        what = "'epochs' cannot be searched with 'prune', which limits them"
        problems.add(place, what, "remove it, or 'prune'")


def _check_replacing(sweep: Sweep, problems: Problems) -> None:
    """Check the other keys of a sweep whose trials are replaced by others."""
    prune = sweep.prune
    if not isinstance(prune, ReplacingPruner):
        return
    why = {
        "until": "ends a study between trials, and these train at the same time",
        "claims": "compare trials that differ in fixed settings, and these change their settings",
    }
    for name, reason in why.items():
        if getattr(sweep, name):
            advice = f"remove '{name}', or '{prune.kind}'"
            problems.add(sweep.place_of(name), f"'{name}' {reason}", advice)
    if sweep.trials is None and sweep.budget is not None:
        what = f"'{prune.kind}' needs the number of trials, which train at the same time"
        problems.add(prune.origin, what, "set 'trials' of the search")


def _check_size(sweep: Sweep, space: Space, problems: Problems) -> None:
    """Check how many trials there are, and how many runs of each."""
    search = sweep.search
    if space.size is None and "trials" in type(search).model_fields:
        if getattr(search, "trials", None) is None and sweep.budget is None:
            what = f"'{search.kind}' needs 'trials', or the sweep a 'budget'"
            problems.add(search.origin, what, "the space is infinite")
    elif search.kind == "grid" and (space.size or 0) > MOST_TRIALS:
        problems.add(search.origin, f"a grid of {space.size:,} trials", "use random or bayes")
    if (getattr(search, "trials", None) or 0) > MOST_TRIALS:
        most = f"at most {MOST_TRIALS:,} trials"
        problems.add(search.place_of("trials"), f"a study has {most}", "lower 'trials'")
    if sweep.repeats > _MOST_REPEATS:
        what = f"a trial is repeated at most {_MOST_REPEATS:,} times"
        problems.add(sweep.place_of("repeats"), what, "lower 'repeats'")


def _feasible(sweep: Sweep, space: Space) -> bool:
    """Whether a sampler would find any values that satisfy the constraints."""
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


def check_objectives(sweep: Sweep, compiled: Compiled, problems: Problems) -> None:
    """Check that runs report the objectives.

    Args:
        sweep: the typed sweep.
        compiled: its spec.
        problems: gets the errors.
    """
    experiment = compiled.experiment
    known = known_scores(compiled)
    for goal in sweep.goals:
        if goal.score in known:
            continue
        problems.add(goal.place_of(goal.way), *score_names.unreported(goal.score, known))
    if experiment.seed + sweep.repeats > 2**64:
        what = f"the seed of repeat {2**64 - experiment.seed + 1} would exceed 2^64 - 1"
        problems.add(sweep.place_of("repeats"), what, "lower the spec's seed")
    if len({goal.score for goal in sweep.goals}) < len(sweep.goals):
        problems.add(sweep.place_of("objectives"), "two objectives are the same", "remove one")


def known_scores(compiled: Compiled) -> list[str]:
    """The scores that runs of a spec report while they train, and their costs."""
    sets = ["train"] if compiled.data.validation is None else ["validation", "train"]
    scores = ["loss", *names(compiled.experiment.metrics)]
    return [*(f"{part}.{name}" for part in sets for name in scores), *COSTS]


def pruned_claims(sweep: Sweep) -> list[str]:
    """A line if pruning may end the trials that the claims compare.

    Args:
        sweep: the typed sweep.
    """
    if sweep.prune is None or not sweep.claims:
        return []
    what = "claims compare trials that are trained to the end, and 'prune' ends some before"
    return [f"{sweep.place_of('prune')}: {what}, so a claim may have no pair; remove 'prune'"]


def different_losses(sweep: Sweep, space: Space) -> list[str]:
    """A line for each objective that is a loss of which the space tries several.

    Args:
        sweep: the typed sweep.
        space: its search space.
    """
    keys = [key for key in space.keys if decides_unit(key)]
    if not keys:
        return []
    tried = " and ".join(f"'{key}'" for key in keys)
    return [
        f"{goal.place_of(goal.way)}: the values of {goal.score} cannot be compared between trials "
        f"with different {tried}; use a metric"
        for goal in sweep.goals
        if is_loss(goal.score)
    ]


def never_pruned(sweep: Sweep, epochs: int, trials: int | None) -> list[str]:
    """A line if 'prune' has no effect.

    Args:
        sweep: the typed sweep.
        epochs: of a trial.
        trials: their number; None if it is not known.
    """
    what = None if sweep.prune is None else sweep.prune.unreached(epochs, trials)
    return [] if what is None else [f"{sweep.place_of('prune')}: {what}, so no trial is pruned"]


def wrong_directions(sweep: Sweep, compiled: Compiled) -> list[str]:
    """A line for each objective that would make a metric worse.

    Args:
        sweep: the typed sweep.
        compiled: its spec.
    """
    metrics = compiled.experiment.metrics
    better = dict(zip(names(metrics), (each.better for each in metrics), strict=True))
    notes = []
    for goal in sweep.goals:
        way = "minimize" if better.get(goal.score.partition(".")[2], "min") == "min" else "maximize"
        if way != goal.way:
            order = "lower" if way == "minimize" else "higher"
            what = f"{order} {goal.score} is better, but this sweep would {goal.way} it"
            notes.append(f"{goal.place_of(goal.way)}: {what}")
    return notes
