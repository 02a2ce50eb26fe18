"""Runs that were named themselves, with the study or the cross-validation around them."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from dlrun.collection.entry import Entry
from dlrun.collection.find import inside, kind_of
from dlrun.collection.run_entry import RunEntry


def placed(entry: Entry) -> Entry:
    """An entry that knows what it belongs to, even if only its own directory was searched.

    Args:
        entry: a run or a study.
    """
    if not isinstance(entry, RunEntry) or entry.study is not None or entry.fold is not None:
        return entry
    directory = Path(os.path.realpath(entry.directory))
    for outer in (directory.parent, directory.parent.parent):
        whole = kind_of(str(outer))
        if whole is None:
            continue
        try:
            found = [each for each in inside(whole) if each.directory == str(directory)]
        except OSError:
            continue
        for each in found:
            return replace(entry, study=each.study, fold=each.fold)
    return entry


def around(directory: str) -> str:
    """The folder that a directory is in, also if it is named by a link or as ``fold-1``."""
    here, real = os.path.split(directory)[0] or ".", os.path.realpath(directory)
    return here if os.path.realpath(here) == os.path.split(real)[0] else os.path.split(real)[0]
