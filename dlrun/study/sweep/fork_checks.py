"""Whether the trials of a sweep can continue the training of each other with other settings."""

from __future__ import annotations

from dlrun.experiment.compile import Compiled
from dlrun.experiment.experiment import Experiment
from dlrun.search.pruners.base import ReplacingPruner
from dlrun.spec.problems import Problems
from dlrun.study.sweep.single_values import Variants
from dlrun.study.sweep.sweep import Sweep
from dlrun.study.sweep.training_form import difference, form

_UNFIT = {
    "early_stopping": "ends trials before they are compared",
    "max_time": "ends trials at moments that depend on the machine",
    "on_divergence": "returns to epochs that may be those of another trial; a trial that diverges "
    "is replaced",
}
"""Keys of the spec that do not fit forks, and why."""


def check_forks(sweep: Sweep, compiled: Compiled, variants: Variants, problems: Problems) -> None:
    """Check that a training can continue with any other values of the space.

    Args:
        sweep: the typed sweep.
        compiled: its spec.
        variants: of the spec with values of the space, which have no errors.
        problems: gets the errors.
    """
    prune = sweep.prune
    if not isinstance(prune, ReplacingPruner):
        return
    experiment = compiled.experiment
    unfit = _unfit(experiment)
    for name in unfit:
        what = f"'{name}' does not fit '{prune.kind}': it {_UNFIT[name]}"
        problems.add(experiment.place_of(name), what, f"remove '{name}'")
    for key in variants.space.keys:
        first = None
        for variant in variants.alike(key):
            what = next((_UNFIT[n] for n in _unfit(variant.experiment) if n not in unfit), "")
            found = form(variant)
            first = first or found
            what = what or difference(first, found)
            if what:
                what = f"'{prune.kind}' cannot change '{key}' during a training: it {what}"
                problems.add(variants.space.origins[key], what, f"remove it, or '{prune.kind}'")
                break


def _unfit(experiment: Experiment) -> list[str]:
    return [name for name in _UNFIT if getattr(experiment, name) is not None]
