"""Whether the trials of a sweep can continue the training of each other with other settings."""

from __future__ import annotations

from dlrun.data.prepared_cache import KeptData
from dlrun.experiment.compile import Compiled, compile_document
from dlrun.experiment.experiment import Experiment
from dlrun.experiment.plugins import Allow
from dlrun.search.pruners.base import ReplacingPruner
from dlrun.search.space import Space
from dlrun.spec import nodes
from dlrun.spec.problems import Problems
from dlrun.study.sweep.base_spec import Base
from dlrun.study.sweep.single_values import documents
from dlrun.study.sweep.sweep import Sweep
from dlrun.study.sweep.training_form import difference, form

_UNFIT = {
    "early_stopping": "ends trials before they are compared",
    "max_time": "ends trials at moments that depend on the machine",
    "on_divergence": "returns to epochs that may be those of another trial; a trial that diverges "
    "is replaced",
}
"""Keys of the spec that do not fit forks, and why."""


def check_forks(
    sweep: Sweep,
    space: Space,
    node: nodes.Mapping,
    base: Base,
    compiled: Compiled,
    data: KeptData,
    allow_plugins: Allow,
    problems: Problems,
) -> None:
    """Check that a training can continue with any other values of the space.

    Args:
        sweep: the typed sweep.
        space: its search space.
        node: the tree of the space.
        base: the spec.
        compiled: the same, built.
        data: the data of the spec, read once.
        allow_plugins: whether the Python files that the spec names may run.
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
    for key in space.keys:
        first = None
        for document in documents(space, node, base, key):
            variant = compile_document(document, data, allow_plugins=allow_plugins)
            what = next((_UNFIT[n] for n in _unfit(variant.experiment) if n not in unfit), "")
            found = form(variant)
            first = first or found
            what = what or difference(first, found)
            if what:
                what = f"'{prune.kind}' cannot change '{key}' during a training: it {what}"
                problems.add(space.origins[key], what, f"remove it, or '{prune.kind}'")
                break


def _unfit(experiment: Experiment) -> list[str]:
    return [name for name in _UNFIT if getattr(experiment, name) is not None]
