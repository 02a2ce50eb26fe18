"""Whether the looks at the claims of a sweep fit its other keys."""

from __future__ import annotations

from itertools import pairwise

from dlrun.spec.problems import Problems
from dlrun.study.sweep.sweep import Sweep

_FEWEST = 2
"""Seeds below which differences have no interval."""
_MOST = 20
"""Looks; the boundary of each takes some hundredths of a second."""
_ELSE = {
    "racing": "needs all seeds of every trial, which 'racing' does not train",
    "prune": "needs trials that are trained to their end",
    "until": "trains all trials at the same time, and 'until' ends a study between them",
}


def check_looks(sweep: Sweep, problems: Problems) -> None:
    """Check the key ``looks``.

    Args:
        sweep: the typed sweep.
        problems: gets the errors.
    """
    if sweep.looks is None:
        return
    place = sweep.place_of("looks")
    if not sweep.claims:
        problems.add(place, "'looks' tests claims, and there are none", "add 'claims'")
    for name, why in _ELSE.items():
        if getattr(sweep, name):
            problems.add(place, f"'looks' {why}", f"remove '{name}', or 'looks'")
    if sweep.budget is not None and sweep.budget.trials is not None:
        what = "'looks' needs all trials of the space, so that their number cannot change later"
        problems.add(sweep.budget.place_of("trials"), what, "remove 'trials', or 'looks'")
    looks, repeats = sweep.schedule, sweep.repeats
    if any(one >= other for one, other in pairwise(looks)):
        if isinstance(sweep.looks, int):
            what = f"{sweep.looks} looks need as many seeds, got {repeats} 'repeats'"
            problems.add(place, what, "raise 'repeats', or look less often")
            return
        rising = looks[-2] <= repeats
        what = "'looks' must be increasing" if rising else f"'looks' ends after {repeats} 'repeats'"
        problems.add(place, what, "write numbers of seeds, such as [4, 8]")
    elif len(looks) < 2:
        what = "'looks' needs a number of seeds below 'repeats'"
        problems.add(place, what, "write such a number first, or raise 'repeats'")
    elif looks[0] < _FEWEST:
        what = "a claim cannot be tested after one seed"
        problems.add(place, what, f"raise 'repeats' ({repeats}), or look less often")
    elif len(looks) > _MOST:
        what = f"a claim is tested at most {_MOST} times, got {len(looks)}"
        problems.add(place, what, "look less often")
