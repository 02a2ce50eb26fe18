"""All runs and studies below some folders."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from dlrun.collection import read_run, read_study
from dlrun.collection.entry import Entry
from dlrun.collection.find import Found, Place, find, kind_of
from dlrun.collection.index import Index
from dlrun.collection.links import follow
from dlrun.collection.memory import Memory
from dlrun.collection.signature import Signature, signature
from dlrun.errors import DataError

ROOTS = ("runs", "studies")
"""The folders in which dlrun makes runs and studies by default."""


@dataclass(frozen=True, slots=True)
class Collection:
    """Runs and studies.

    Attributes:
        entries: the newest first.
        notes: one line for each run or study that cannot be read, and one for all folders that are
            neither.
        linked: the link through which an entry was reached, by the directory of the entry.
    """

    entries: tuple[Entry, ...]
    notes: tuple[str, ...]
    linked: Mapping[str, str]


def collect(
    roots: Sequence[str | Path] | None = None,
    *,
    inner: bool = False,
    memory: Memory | None = None,
    write: bool = True,
) -> Collection:
    """Read all runs and studies below folders.

    Args:
        roots: the folders; a study or a cross-validation stands for the runs in it.  None for
            ``runs`` and ``studies`` in the working directory, as far as they exist.
        inner: whether to include the runs of studies and the folds of cross-validations.
        memory: entries of earlier calls with the same ``inner``, which replaces them by those of
            this call.
        write: whether to write the index of each folder; a run or a cross-validation gets none.

    Raises:
        DataError: a folder does not exist.
    """
    if roots is None:
        roots = [root for root in ROOTS if os.path.isdir(root)]  # noqa: PTH112
        if not roots:
            raise DataError(
                f"no folder {' or '.join(ROOTS)} in the working directory; name a folder of runs "
                "or studies"
            )
    entries: dict[str, Entry] = {}
    notes: list[str] = []
    folders = [os.fspath(root).rstrip("/") or "/" for root in roots]
    searches = [_found(folder, inner=inner) for folder in folders]
    follow(searches, inner=inner)
    linked: dict[str, str] = {}
    for found in searches:
        linked |= found.linked
        for entry in _entries(found, notes, memory=memory, write=write):
            # Two of the folders may be the same, or overlap.
            entries.setdefault(found.real(entry.directory), entry)
    ordered = sorted(entries.values(), key=lambda each: each.directory)
    ordered.sort(key=lambda each: each.order, reverse=True)
    return Collection(tuple(ordered), tuple(notes), linked)


def read_entry(directory: str | os.PathLike[str]) -> Entry:
    """The entry of one run or study, without the index.

    Raises:
        DataError: the folder is neither, or a file is broken.
    """
    place = kind_of(os.fspath(directory))
    if place is None:
        raise DataError(f"{os.fspath(directory)}: neither a run nor a study")
    return _read(place)


def _found(root: str, *, inner: bool) -> Found:
    """What is below a folder; a study or a cross-validation stands for the runs in it."""
    place = kind_of(root)
    found = find(root, inner=inner or place is not None)
    if found.places[:1] == [place] and len(found.places) > 1:
        del found.places[0]
    return found


def _entries(
    found: Found, notes: list[str], *, memory: Memory | None, write: bool
) -> Iterator[Entry]:
    root = found.root
    notes += [f"{each}; skipped" for each in found.broken]
    # A memory has all that is in the index, which is read once and completed once.
    index = None if memory is not None and memory.knows(root) else Index(root)
    entries: list[tuple[Signature | None, Entry]] = []
    is_new = False
    for place in found.places:
        files = signature(place.directory, (read_study if place.is_study else read_run).FILES)
        lasts = _lasts(place, files)
        entry = None
        if lasts:
            known = index.get(place, files) if index is not None else None
            entry = known or (memory.get(root, place.directory, files) if memory else None)
        if entry is None:
            try:
                entry = _read(place)
            except (DataError, OSError) as error:
                notes.append(f"{error}; skipped")
                continue
            is_new = is_new or lasts
        entries.append((files if lasts else None, entry))
    _note_strangers(found, notes)
    if memory is not None:
        memory.keep(root, entries)
    if index is not None and write and is_new and _may_have_index(root, len(entries)):
        kept = [(files, entry) for files, entry in entries if files is not None]
        index.write([*kept, *index.others({entry.directory for _, entry in entries})])
    yield from (entry for _, entry in entries)


def _may_have_index(root: str, entries: int) -> bool:
    """Whether a folder may get an index: no run does, nor a study with at most one run."""
    place = kind_of(root)
    return place is None or (place.is_study and entries > 1)


def _lasts(place: Place, files: Signature) -> bool:
    """Whether an entry stays valid while its files are unchanged.

    Without a result, how a run is depends on whether a process holds its lock or that of a fold.
    """
    if place.is_study:
        return not read_study.is_run(Path(place.directory))
    if os.path.lexists(f"{place.directory}/lock"):
        return False
    result, metrics = (3 * read_run.FILES.index(name) for name in ("result.json", "metrics.csv"))
    return files[result] is not None or files[metrics] is not None


def _read(place: Place) -> Entry:
    if place.is_study:
        return read_study.read_study(place.directory)
    return read_run.read_run(place.directory, place.study, place.fold)


def _note_strangers(found: Found, notes: list[str]) -> None:
    if not found.strangers:
        return
    first, more = found.strangers[0], len(found.strangers) - 1
    others = f" and {more} other folder{'' if more == 1 else 's'}" if more else ""
    notes.append(f"{first}{others}: not runs or studies; skipped")
