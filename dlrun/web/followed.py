"""Runs and studies as they are now, and the charts of their learning curves."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from dlrun.collection.collect import read_entry
from dlrun.collection.entry import Entry
from dlrun.collection.facts import in_short
from dlrun.collection.read_run import FILES as RUN_FILES
from dlrun.collection.read_run import read_run
from dlrun.collection.read_study import FILES as STUDY_FILES
from dlrun.collection.run_entry import RunEntry
from dlrun.collection.signature import Signature, signature
from dlrun.collection.table import progress
from dlrun.errors import DataError
from dlrun.pages.pieces.chart import Chart
from dlrun.pages.pieces.overlay import curve_scores, overlay
from dlrun.pages.run.curves import curves
from dlrun.summaries.run_curves import Columns, curve_columns
from dlrun.web.growth import Charts
from dlrun.web.listing import key_of

_CHARTS = 12
"""Maximum number of scores that are compared in charts."""


def labels(entries: Sequence[Entry]) -> list[str]:
    """A name for each of some runs: its ID, with the folder before it if IDs repeat."""
    ids = [entry.id for entry in entries]
    return [
        one if ids.count(one) == 1 else f"{Path(entry.directory).parent.name}/{one}"
        for one, entry in zip(ids, entries, strict=True)
    ]


def columns_of(entry: Entry) -> Columns:
    """The columns that the curves of a run are drawn from; empty if none can be read."""
    if not isinstance(entry, RunEntry):
        return {}
    try:
        return curve_columns(entry)
    except DataError:
        return {}


def compared_charts(entries: Sequence[Entry]) -> list[Chart]:
    """The learning curves of runs over one another, one chart per score."""
    found = [
        (name, columns_of(entry)) for name, entry in zip(labels(entries), entries, strict=True)
    ]
    return [overlay("compare", score, found, "") for score in curve_scores(found)[:_CHARTS]]


def charts_of(entries: Sequence[Entry]) -> Charts:
    """The charts that the page of one run, or of several, has of their learning curves."""
    if len(entries) != 1:
        return {
            key: value
            for chart in compared_charts(entries)
            for key, value in chart.piece().data.items()
        }
    (entry,) = entries
    if isinstance(entry, RunEntry) and entry.folds:
        return {}  # its page has a curve for each fold
    return curves(columns_of(entry), None, "").data


def now(entry: Entry) -> Entry:
    """A run or study as it is now; as it was if its files cannot be read at this moment."""
    try:
        if isinstance(entry, RunEntry):
            return read_run(entry.directory, entry.study, entry.fold)
        return read_entry(entry.directory)
    except (DataError, OSError):
        return entry


def files_of(entry: Entry) -> Signature:
    """What shows whether the files of a run or study have changed."""
    names = RUN_FILES if isinstance(entry, RunEntry) else STUDY_FILES
    return signature(os.fspath(entry), names)


def states_of(entries: Sequence[Entry]) -> Mapping[str, Mapping[str, str]]:
    """How runs are now, by the key of each: state, progress and one line with both."""
    return {
        key_of(entry.directory): {
            "status": entry.state,
            "progress": progress(entry),
            "text": in_short(entry),
        }
        for entry in entries
    }
