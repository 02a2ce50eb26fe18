"""What a directory is: a run, a run of a study, a fold, or a study."""

from __future__ import annotations

import os
from pathlib import Path

from dlrun.collection.entry import Entry
from dlrun.collection.find import Place, kind_of
from dlrun.collection.read_run import read_run
from dlrun.collection.read_study import read_study
from dlrun.errors import DataError


def located(directory: str | os.PathLike[str]) -> Place:
    """The run or study in a directory, with the study or cross-validation around it.

    Raises:
        DataError: it is neither.
    """
    path = Path(directory)
    if path.name in ("", ".."):
        path = path.resolve()
    place = kind_of(str(path))
    if place is None:
        what = "neither a run nor a study" if path.is_dir() else "no such directory"
        raise DataError(f"{path}: {what}; dlrun runs lists them")
    if place.is_study:
        return place
    above = path.absolute().parent
    around = kind_of(str(above.parent)) if above.name == "trials" else None
    if around is not None and around.is_study:
        return Place(str(path), study=str(path.parent.parent))
    number = path.name.removeprefix("fold-")
    is_numbered = number != path.name and number.isdecimal() and len(number) < 7
    if is_numbered and kind_of(str(above)) is not None:
        return Place(str(path), fold=int(number))
    return place


def entry_of(place: Place) -> Entry:
    """The entry of a run or study.

    Raises:
        DataError: a file is broken.
    """
    if place.is_study:
        return read_study(place.directory)
    return read_run(place.directory, place.study, place.fold)
