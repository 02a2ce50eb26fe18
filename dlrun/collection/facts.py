"""What a run, a study or an archive is, in a few words."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from dlrun.collection.archived import archive_facts
from dlrun.collection.collect import read_entry
from dlrun.collection.entry import Entry
from dlrun.collection.html import html_facts
from dlrun.collection.run_entry import RunEntry
from dlrun.collection.times import shown_time
from dlrun.errors import DlrunError


def facts(entry: Entry) -> Mapping[str, str]:
    """Names and values for people: state, progress, scores, tags."""
    found = {"status": entry.state, "created": shown_time(entry.created)}
    if isinstance(entry, RunEntry):
        planned = "" if entry.planned is None else f" of {entry.planned}"
        if entry.folds:
            found["folds"] = str(entry.folds)
        else:
            found["epochs"] = f"{entry.trained}{planned}"
        if entry.best is not None:
            where = "" if entry.best_epoch is None else f" in epoch {entry.best_epoch}"
            where = " (mean of the folds)" if entry.folds else where
            found["best"] = f"{entry.monitor} {entry.best:.5g}{where}"
        found |= {
            name: f"{value:.5g}" for name, value in entry.metrics.items() if value is not None
        }
    else:
        found["objective"] = ", ".join(
            f"{'minimize' if way == 'min' else 'maximize'} {score}"
            for score, way in entry.objectives
        )
        found["trials"] = (
            f"{entry.trials}: {entry.done} done, {entry.failed} failed, {entry.running} running"
        )
        if entry.best is not None:
            found["best"] = f"{entry.best:.5g} in trial {entry.best_trial}"
    if entry.tags:
        found["tags"] = " ".join(entry.tags)
    if entry.note:
        found["note"] = entry.note
    return {name: value for name, value in found.items() if value}


def in_short(entry: Entry) -> str:
    """The state, the progress and the best score in one line."""
    if isinstance(entry, RunEntry):
        planned = "" if entry.planned is None else f"/{entry.planned}"
        done = f"{entry.folds} folds" if entry.folds else f"{entry.trained}{planned} epochs"
        parts = [entry.state, done]
    else:
        parts = [entry.state, f"{entry.done}/{entry.trials} trials"]
    if entry.best is not None:
        parts.append(f"{entry.monitor} {entry.best:.5g}")
    return ", ".join(parts)


def described(directory: str | os.PathLike[str]) -> str:
    """The path of a run, study or archive in quotes and what it is, for ``repr``; never fails."""
    path = os.fspath(directory)
    try:
        if Path(path).is_file():
            known = archive_facts(path)
            return f"{path!r}: {known['kind']}, {known['status']}, {known['epochs']} epochs"
        return f"{path!r}: {in_short(read_entry(path))}"
    except (DlrunError, OSError):
        return repr(path)


def html_of(directory: str | os.PathLike[str]) -> str:
    """What a run, study or archive is, as HTML; only its path if it cannot be read."""
    path = os.fspath(directory)
    try:
        if Path(path).is_file():
            return html_facts(path, archive_facts(path))
        return html_facts(path, facts(read_entry(path)))
    except (DlrunError, OSError):
        return html_facts(path, {})
