"""Short names of runs and studies: ``latest``, the beginning of an ID, ``moons@best``, ``STUDY#3``.

A path that exists always counts as that path, whatever else it could be.  Only names of directories
are looked at, except for ``@best``.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from dlrun.collection.around import Around, base, beginning, near, newest, parent
from dlrun.collection.collect import ROOTS
from dlrun.collection.find import Place
from dlrun.collection.named_best import BEST, best
from dlrun.collection.named_trials import LATEST, studies, trial, trial_words
from dlrun.errors import DataError
from dlrun.printable import printable
from dlrun.run_directory.not_a_run import need_no_archive

_LISTED = 5
"""Candidates that an error lists, at most."""


def resolve_run(word: str | os.PathLike[str]) -> Path:
    """The run directory that a word names.

    Args:
        word: a path; ``latest``; the beginning of an ID, of ``NAME/ID`` or of the directory of a
            trial that no other run has; ``NAME@best``, the run of an experiment or study with the
            best score; ``STUDY#3`` or ``STUDY#3.2``, the first or second run of trial 3.

    Returns:
        The path itself if it exists, or if no run is there and the word is not ``latest``.

    Raises:
        DataError: no run is called that, or several are.
    """
    return _resolved(os.fspath(word), _run, "run")


def resolve_study(word: str | os.PathLike[str]) -> Path:
    """The study directory that a word names: a path, ``latest``, or the beginning of its name.

    Raises:
        DataError: no study is called that, or several are.
    """
    return _resolved(os.fspath(word), studies, "study")


def resolve(word: str | os.PathLike[str]) -> Path:
    """The directory of a run or a study that a word names; runs come first.

    Raises:
        DataError: nothing is called that, or several are, or it is the path of an archive.
    """
    found = _resolved(os.fspath(word), _run_or_study, "run")
    need_no_archive(found)
    return found


def names(incomplete: str) -> list[str]:
    """The words that name runs and begin in a way, for completion."""
    around = Around.here()
    study, sign, _ = incomplete.partition("#")
    if sign:
        return [word for word in trial_words(around, study) if word.startswith(incomplete)]
    words = [LATEST] if around.runs else []
    words += dict.fromkeys(f"{parent(place)}{BEST}" for place in around.runs)
    words += [base(place) for place in around.runs]
    return [word for word in words if word.startswith(incomplete)]


def study_names(incomplete: str) -> list[str]:
    """The words that name studies and begin in a way, for completion."""
    around = Around.here()
    words = [LATEST] if around.studies else []
    words += [base(place) for place in around.studies]
    return [word for word in words if word.startswith(incomplete)]


def _resolved(word: str, search: Callable[[str, Around], list[Place]], kind: str) -> Path:
    if os.path.lexists(word):
        return Path(word)
    around = Around.here()
    if not around.runs and not around.studies and not _in_a_study(word):
        if word == LATEST:
            raise DataError(f"{LATEST}: no such {kind} directory; {_advice(word, around, kind)}")
        return Path(word)
    found = search(word, around)
    if len(found) == 1:
        return Path(found[0].directory)
    if found:
        listed = [place.directory for place in found[:_LISTED]]
        more = f" and {len(found) - _LISTED} more" if len(found) > _LISTED else ""
        raise DataError(
            f"{printable(word)}: {len(found)} {_many(kind)} are called that: {', '.join(listed)}"
            f"{more}; write more of the name, or a path"
        )
    raise DataError(f"{printable(word)}: no such {kind} directory; {_advice(word, around, kind)}")


def _in_a_study(word: str) -> bool:
    """Whether it is the path of a folder with the number of a trial or ``@best``."""
    return any(os.path.isdir(word.rpartition(sign)[0]) for sign in ("#", BEST))  # noqa: PTH112


def _run(word: str, around: Around) -> list[Place]:
    if word == LATEST:
        return newest(around.runs)
    name, suffix, end = word.rpartition(BEST)
    if suffix and not end:
        return [best(name, around)]
    study, sign, number = word.rpartition("#")
    if sign and study:
        return [trial(study, number, around)]
    return beginning(word, around.runs) or beginning(word, list(around.inner()))


def _run_or_study(word: str, around: Around) -> list[Place]:
    return _run(word, around) or studies(word, around)


def _advice(word: str, around: Around, kind: str) -> str:
    places = around.studies if kind == "study" else around.runs
    if not places:
        return f"no {_many(kind)} are in {' and '.join(ROOTS)}"
    words = [base(place) for place in places]
    if kind == "run":
        words += [f"{parent(place)}{BEST}" for place in places]
        words += [f"{base(place)}#0" for place in around.studies]
    return near(word, [LATEST, *words]).removeprefix("; ") or "dlrun runs lists them"


def _many(kind: str) -> str:
    return "studies" if kind == "study" else "runs"
