"""Everything that is known of a run or a study."""

from __future__ import annotations

import os

from dlrun.collection.naming import resolve
from dlrun.summaries.location import located
from dlrun.summaries.run_summary import RunSummary, run_summary
from dlrun.summaries.study_summary import StudySummary, study_summary


def show(run: str | os.PathLike[str]) -> RunSummary | StudySummary:
    """Read everything that is known of a run or a study; nothing is trained or written.

    Args:
        run: the directory, or a word that names it, such as ``latest``, ``moons@best`` or
            ``STUDY#3``.

    Raises:
        DataError: it is neither a run nor a study, or a file is broken.
    """
    place = located(resolve(run))
    return study_summary(place.directory) if place.is_study else run_summary(place)
