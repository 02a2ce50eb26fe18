"""Whether the compared libraries compute the same, and whether they learn."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from benchmarks.measure import Outcome
from benchmarks.peers import OURS
from benchmarks.works import Array

LEARN_STEPS = 40
LEARN_FACTOR = 2.0
"""The loss must decrease by this factor in that number of steps."""
_CURVE_TOLERANCE = 2e-3
"""Relative; float32 and another order of summation change Adam's first steps by about 1e-4."""
_OUTPUT_TOLERANCE = 1e-3
"""Absolute, on log-probabilities."""


def faults_of(outcome: Outcome, outcomes: Sequence[Outcome], learn: bool) -> list[str]:
    """Errors in the results of a library, compared with ours; empty if there are none.

    Args:
        outcome: of the peer, which may be ours.
        outcomes: of all peers on the work.
        learn: whether the loss must have fallen.
    """
    ready = outcome.ready
    if ready is None:
        return []
    ours = next((o.ready for o in outcomes if o.job.peer == OURS), None)
    faults = []
    if ready.losses and not np.isfinite(ready.losses).all():
        faults.append("the loss is not finite")
    if learn:
        first, last = ready.losses[0], float(np.median(ready.losses[-5:]))
        if not last * LEARN_FACTOR <= first:
            faults.append(f"the loss went from {first:.3g} to {last:.3g} only")
    if ours is None:
        return faults
    if not np.allclose(ready.curve, ours.curve, rtol=_CURVE_TOLERANCE, atol=0):
        faults.append(f"losses {_short(ready.curve)}, ours {_short(ours.curve)}")
    if ready.outputs is not None and ours.outputs is not None:
        difference = _log_softmax(ready.outputs) - _log_softmax(ours.outputs)
        if not np.abs(difference).max() <= _OUTPUT_TOLERANCE:
            faults.append(f"outputs differ from ours by {np.abs(difference).max():.2g}")
    return faults


def _short(losses: Sequence[float]) -> str:
    return " ".join(f"{loss:.4f}" for loss in losses)


def _log_softmax(x: Array) -> Array:
    shifted = x.astype(np.float64) - x.max(axis=1, keepdims=True)
    return np.asarray(shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True)))
