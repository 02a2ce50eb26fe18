"""Whether single trials of a study can be changed by hand."""

from __future__ import annotations

from collections.abc import Sequence

from dlrun.quantities import count
from dlrun.search.pruners.base import ReplacingPruner
from dlrun.study.store.look import Look
from dlrun.study.sweep.sweep import Sweep


def obstacle(sweep: Sweep, looks: Sequence[Look]) -> str:
    """Why no trial can be added, trained again or left out; empty if that is possible.

    Args:
        sweep: of the study.
        looks: the tests of its claims so far.
    """
    if isinstance(prune := sweep.prune, ReplacingPruner):
        return (
            f"with '{prune.kind}' trials continue each other, so none can be added, trained again "
            "or left out; give the sweep another name"
        )
    if looks:
        return (
            f"its claims have been tested after {count(looks[-1].repeats, 'seed')}, so its trials "
            "cannot be changed: untrue claims would hold more often; begin a study of another name"
        )
    return ""
