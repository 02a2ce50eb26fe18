"""``moons@best``: the run with the best score, the newest of equal ones as in a sorted list."""

from __future__ import annotations

import os

from dlrun.collection.around import Around, base, near, parent
from dlrun.collection.collect import collect
from dlrun.collection.find import Place, kind_of
from dlrun.collection.named_trials import run_of_trial, studies
from dlrun.collection.order import ordered
from dlrun.collection.read_study import read_study
from dlrun.collection.run_entry import RunEntry
from dlrun.errors import DataError
from dlrun.printable import printable

BEST = "@best"


def best(name: str, around: Around) -> Place:
    """The run of an experiment or a study with the best score, by the monitor of its runs.

    Raises:
        DataError: there is none, or the runs have different monitors.
    """
    known = [place for place in around.runs if parent(place) == name]
    if not known:
        place = kind_of(name)
        found = [place] if place is not None and place.is_study else studies(name, around)
        if len(found) == 1:
            return _best_trial(found[0])
        names = sorted({parent(place) for place in around.runs})
        raise DataError(
            f"{printable(name)}{BEST}: no runs of '{printable(name)}'{near(name, names)}"
        )
    folders = sorted({os.path.dirname(place.directory) for place in known})  # noqa: PTH120
    directories = {place.directory for place in known}
    runs = [
        entry
        for entry in collect(folders).entries
        if isinstance(entry, RunEntry) and entry.directory in directories and entry.best is not None
    ]
    if not runs:
        raise DataError(f"{printable(name)}{BEST}: none of its runs has a score yet")
    if len({(run.monitor, run.mode) for run in runs}) > 1:
        monitors = ", ".join(sorted({str(run.monitor) for run in runs}))
        raise DataError(
            f"{printable(name)}{BEST}: its runs have different monitors ({monitors}); choose one "
            "with dlrun runs --sort"
        )
    return Place(ordered(runs, "best")[0].directory)


def _best_trial(study: Place) -> Place:
    trial = read_study(study.directory).best_trial
    if trial is None:
        raise DataError(f"{study.directory}: has no best trial; name one, such as STUDY#3")
    return run_of_trial(study, trial, 0, f"{base(study)}{BEST}")
