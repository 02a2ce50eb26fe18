"""Finding run and study directories below a folder.

No link is followed here, those below the folder are listed; hidden folders are left out.  Only
names and kinds of files are looked at, so a pipe cannot block the search.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field

from dlrun.errors import DataError, of_the_machine
from dlrun.run_directory.not_a_run import JOURNAL

DEPTH = 8
"""Levels of folders that are searched below a root."""

_OF_A_RUN = ("spec.yaml", "result.json", "metrics.csv", "checkpoints")
"""Files of which one shows that a folder without a resolved spec was meant to be a run."""


@dataclass(frozen=True, slots=True)
class Place:
    """A run or study directory.

    Attributes:
        directory: its path.
        is_study: whether it is a study.
        study: the study that the run belongs to; None for others.
        fold: number of the fold, from 1, in the cross-validation around it; None for others.
    """

    directory: str
    is_study: bool = False
    study: str | None = None
    fold: int | None = None


@dataclass(slots=True)
class Found:
    """What is below a folder.

    Attributes:
        root: the folder.
        real_root: its path without links.
        places: runs and studies.
        broken: folders that are incomplete runs, or cannot be read, each with the reason.
        strangers: folders without runs in them.
        links: all links in the folders that were searched.
        linked: the link through which a place was reached, by the directory of the place.
    """

    root: str
    real_root: str
    places: list[Place] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    linked: dict[str, str] = field(default_factory=dict)

    def real(self, directory: str) -> str:
        """The path without links of a place below the folder."""
        if directory in self.linked:
            return os.path.realpath(directory)
        return self.real_root + directory[len(self.root) :]


def find(root: str, *, inner: bool = False) -> Found:
    """All runs and studies below a folder, or that folder itself.

    Args:
        root: the folder, which may be a link.
        inner: whether to include the runs of studies and the folds of cross-validations.

    Raises:
        DataError: the folder does not exist, or is not a folder.
        MachineError: it cannot be read.
    """
    found = Found(root, os.path.realpath(root))
    if not os.path.isdir(root):  # noqa: PTH112
        what = "not a folder" if os.path.lexists(root) else "no such folder"
        raise DataError(f"{root}: {what}; name a folder of runs or studies")
    _search(root, found, DEPTH, inner=inner, top=True)
    return found


def kind_of(directory: str) -> Place | None:
    """The run or study in a folder; None if it is neither."""
    if not _exists(f"{directory}/resolved.yaml"):
        return Place(directory, is_study=True) if _exists(f"{directory}/{JOURNAL}") else None
    return Place(directory, is_study=_exists(f"{directory}/{JOURNAL}"))


def inside(place: Place) -> Iterator[Place]:
    """The runs of a study, or the folds of a cross-validation.

    Raises:
        OSError: its folder cannot be read.
    """
    if place.is_study:
        trials = f"{place.directory}/trials"
        if os.path.isdir(trials) and not os.path.islink(trials):  # noqa: PTH112, PTH114
            for name in _inner_names(trials)[0]:
                if _exists(f"{trials}/{name}/resolved.yaml"):
                    yield Place(f"{trials}/{name}", study=place.directory)
    elif not _exists(f"{place.directory}/metrics.csv"):
        for name in _inner_names(place.directory)[0]:
            number = name.removeprefix("fold-")
            known = name != number and number.isdecimal() and len(number) < 7
            if known and _exists(f"{place.directory}/{name}/resolved.yaml"):
                yield Place(f"{place.directory}/{name}", fold=int(number))


def incomplete(folder: str) -> str:
    """The line on a folder that was meant to be a run; empty for others."""
    if any(_exists(f"{folder}/{name}") for name in _OF_A_RUN):
        return f"{folder}: not a run directory: it has no resolved.yaml"
    return ""


def unreadable(folder: str, error: OSError) -> str:
    """The line on a folder that cannot be read."""
    known = error.strerror if of_the_machine(error) else str(error)
    return f"{folder}: cannot be read: {known}"


def _search(folder: str, found: Found, depth: int, *, inner: bool, top: bool = False) -> bool:
    """Add what is in a folder; returns whether there is anything."""
    place = kind_of(folder)
    try:
        if place is not None:
            found.places.append(place)
            if inner:
                found.places += inside(place)
            return True
        names, links = _inner_names(folder)
    except OSError as error:
        if top:
            raise
        found.broken.append(unreadable(folder, error))
        return True
    if not top and (what := incomplete(folder)):
        found.broken.append(what)
        return True
    any_inside = False
    if depth:
        found.links += (f"{folder}/{name}" for name in links)
        for name in names:
            any_inside |= _search(f"{folder}/{name}", found, depth - 1, inner=inner)
    if not any_inside and not top:
        found.strangers.append(folder)
    return any_inside


def _inner_names(folder: str) -> tuple[list[str], list[str]]:
    """The names of the visible folders and of the visible links in a folder, both sorted."""
    folders, links = [], []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if entry.is_symlink():
                links.append(entry.name)
            elif entry.is_dir(follow_symlinks=False):
                folders.append(entry.name)
    return sorted(folders), sorted(links)


def _exists(path: str) -> bool:
    try:
        os.lstat(path)
    except (OSError, ValueError):
        return False
    return True
