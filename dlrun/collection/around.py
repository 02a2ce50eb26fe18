"""The runs and studies in the folders of the working directory, and words for them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from dlrun.collection.collect import ROOTS
from dlrun.collection.find import Found, Place, find, inside
from dlrun.collection.links import follow
from dlrun.collection.read_study import first_start
from dlrun.errors import DlrunError
from dlrun.printable import printable
from dlrun.run_directory import identity
from dlrun.run_directory.not_a_run import JOURNAL
from dlrun.run_directory.run_times import age_key

_LISTED = 5


@dataclass(frozen=True, slots=True)
class Around:
    """The runs and studies in the working directory."""

    runs: Sequence[Place]
    studies: Sequence[Place]

    @classmethod
    def here(cls) -> Around:
        """Those in the working directory; folders that cannot be read are left out."""
        searches: list[Found] = []
        for root in ROOTS:
            try:
                searches.append(find(root))
            except (DlrunError, OSError):
                continue
        follow(searches)
        places = [place for found in searches for place in found.places]
        return cls(
            [place for place in places if not place.is_study],
            [place for place in places if place.is_study],
        )

    def inner(self) -> Iterator[Place]:
        """The runs of studies and the folds of cross-validations."""
        for place in (*self.studies, *self.runs):
            try:
                yield from inside(place)
            except OSError:
                continue


def beginning(word: str, places: Sequence[Place]) -> list[Place]:
    """The places of which the ID, or the name and the ID, begin with a word."""
    word = word.rstrip("/")
    if not word:
        return []
    found = []
    for place in places:
        ids = [base(place), f"{parent(place)}/{base(place)}"]
        if place.fold is not None:  # ID/fold-1 and NAME/ID/fold-1
            outer = os.path.dirname(os.path.dirname(place.directory))  # noqa: PTH120
            ids = [ids[1], f"{os.path.basename(outer)}/{ids[1]}"]  # noqa: PTH119
        if any(each == word for each in ids):
            return [place]
        if any(each.startswith(word) for each in ids):
            found.append(place)
    return found


def newest(places: Sequence[Place]) -> list[Place]:
    """The run or study that began last, if there is any; a run rather than a copy of it.

    Of runs with an ID, only the newest is looked into.  Of studies that began in the same second,
    it is the first by name, as in a list.
    """
    places = sorted(places, key=lambda place: place.directory, reverse=True)
    named = [place for place in places if _has_id(place)]
    others = [place for place in places if not _has_id(place)]
    return sorted([*sorted(named, key=base)[-1:], *others], key=_began)[-1:]


def _has_id(place: Place) -> bool:
    return not place.is_study and identity.began(base(place)) is not None


def _began(place: Place) -> tuple[float, str, str]:
    if not place.is_study:
        return age_key(Path(place.directory))
    try:
        began = first_start(place.directory)
    except (DlrunError, OSError):
        began = None
    if began is None:
        try:
            began = os.lstat(f"{place.directory}/{JOURNAL}").st_mtime
        except OSError:
            began = 0.0
    return began, "", ""


def near(word: str, known: Sequence[str]) -> str:
    """The end of a message on an unknown word: the one that is meant, or the first known ones."""
    from dlrun.spec import problems

    found = problems.near(word, dict.fromkeys(known))
    if found is not None:
        return f"; did you mean '{printable(found)}'?"
    shown = [printable(each) for each in known[:_LISTED]]
    more = ", ..." if len(known) > _LISTED else ""
    return f"; known: {', '.join(shown)}{more}" if shown else ""


def base(place: Place) -> str:
    """The name of a directory."""
    return os.path.basename(place.directory)  # noqa: PTH119


def parent(place: Place) -> str:
    """The name of the folder around a directory: the experiment's, for a run."""
    return os.path.basename(os.path.dirname(place.directory))  # noqa: PTH119, PTH120
