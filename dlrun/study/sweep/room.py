"""Which key of a space makes the network too large for this machine."""

from __future__ import annotations

from dlrun.errors import SpecError
from dlrun.experiment.compile import Compiled
from dlrun.experiment.memory import shortage
from dlrun.search.suggestion import Suggestion
from dlrun.spec.flow import show
from dlrun.study.sweep.plan import SweepPlan


def too_large(plan: SweepPlan, suggestion: Suggestion, compiled: Compiled) -> str:
    """An error if the network of a trial does not fit into memory; empty if it does.

    It is at the place of the first key of the space that makes it too large alone, or of the first
    key if only several do together.

    Args:
        plan: of the study.
        suggestion: values of the trial.
        compiled: the spec with these values.
    """
    found = _shortage(compiled)
    if not found:
        return ""
    alone = (key for key in suggestion if _is_cause(plan, key, suggestion))
    key = next(alone, next(iter(suggestion), None))
    if key is None:
        return found
    return f"{plan.space.origins[key]}: with {key} {show(suggestion[key])}: {found}"


def _is_cause(plan: SweepPlan, key: str, suggestion: Suggestion) -> bool:
    try:
        return bool(_shortage(plan.compile({key: suggestion[key]}, 0)))
    except SpecError:
        return False


def _shortage(compiled: Compiled) -> str:
    samples = min(compiled.experiment.data.batch_size, len(compiled.data.train))
    return shortage(compiled.graph, samples) or ""
