"""Runs and studies that links below a folder lead to, so that they can be on another disk.

A link is followed where dlrun itself makes a folder: to a study, to a run under the name of a run's
ID, and to a folder with runs or studies directly in it.  No path leads through a further link,
except to a run under an ID, so the search ends.  Links inside runs and studies are not looked at.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence

from dlrun.collection.find import Found, Place, incomplete, inside, kind_of, unreadable
from dlrun.run_directory import identity


def follow(searches: Sequence[Found], *, inner: bool = False) -> None:
    """Add what links lead to, except what a search has found, or what is inside of that.

    Args:
        searches: of all folders; each gets what its own links lead to.
        inner: whether to include the runs of studies and the folds of cross-validations.
    """
    if not any(found.links for found in searches):
        return
    seen = {found.real(place.directory) for found in searches for place in found.places}
    for found in searches:
        # A run keeps the folder in which its own link is, also if other links lead to that folder.
        for link in sorted(found.links, key=lambda link: kind_of(link) is None):
            try:
                _add(found, link, seen, inner=inner)
            except OSError as error:
                found.broken.append(unreadable(link, error))
        found.strangers = [each for each in found.strangers if not _has_any(each, found.linked)]


def _add(found: Found, link: str, seen: set[str], *, inner: bool) -> None:
    for place in _behind(link, found.broken):
        real = os.path.realpath(place.directory)
        if not _is_in(real, seen):
            seen.add(real)
            places = [place, *(inside(place) if inner else ())]
            found.places += places
            found.linked |= dict.fromkeys((each.directory for each in places), link)


def _behind(link: str, broken: list[str]) -> Iterator[Place]:
    """The run, the study or the folder's runs and studies that a link leads to.

    Args:
        link: to anything.
        broken: gets a line for each folder with an ID that is not a complete run.
    """
    if not os.path.isdir(link):  # noqa: PTH112
        return
    place = kind_of(link)
    if place is not None:
        if place.is_study or _has_id(link):
            yield place
        return
    with os.scandir(link) as entries:
        names = sorted(entry.name for entry in entries if not entry.name.startswith("."))
    for name in names:
        path = f"{link}/{name}"
        is_own = not os.path.islink(path) or _has_id(path)  # noqa: PTH114
        if is_own and os.path.isdir(path):  # noqa: PTH112
            place = kind_of(path)
            if place is not None:
                yield place
            elif _has_id(path) and (what := incomplete(path)):
                broken.append(what)


def _has_id(path: str) -> bool:
    return bool(identity.id_in(os.path.basename(path)))  # noqa: PTH119


def _has_any(folder: str, directories: Iterable[str]) -> bool:
    return any(directory.startswith(f"{folder}/") for directory in directories)


def _is_in(path: str, seen: set[str]) -> bool:
    """Whether a path or a folder around it was seen."""
    while path not in seen:
        path, _, name = path.rpartition("/")
        if not name:
            return False
    return True
