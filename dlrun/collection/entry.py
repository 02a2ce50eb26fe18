"""A run or a study: what can be shown, filtered and sorted."""

from __future__ import annotations

from dlrun.collection.run_entry import RunEntry
from dlrun.collection.study_entry import StudyEntry

Entry = RunEntry | StudyEntry
