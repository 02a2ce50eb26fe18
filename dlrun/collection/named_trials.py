"""``STUDY#3``: the run of a trial."""

from __future__ import annotations

import os

from dlrun.collection.around import Around, base, beginning, near, newest
from dlrun.collection.find import Place, inside
from dlrun.errors import DataError
from dlrun.printable import printable
from dlrun.run_directory import identity

LATEST = "latest"


def studies(word: str, around: Around) -> list[Place]:
    """The studies that a word can mean: the newest one, or those whose name begins with it."""
    if word == LATEST:
        return newest(around.studies)
    same = [place for place in around.studies if base(place) == word]
    return same or beginning(word, around.studies)


def trial(study: str, number: str, around: Around) -> Place:
    """The run of a trial.

    Raises:
        DataError: the study, the trial or the run does not exist.
    """
    word = printable(f"{study}#{number}")
    trial, dot, repeat = number.partition(".")
    digits = trial.isdecimal() and (repeat.isdecimal() or not dot)
    if not digits or len(number) > 20 or (dot and int(repeat) < 1):
        raise DataError(f"{word}: write STUDY#TRIAL or STUDY#TRIAL.REPEAT, such as moons#3.1")
    if os.path.isdir(study):  # noqa: PTH112
        place = Place(study.rstrip("/"), is_study=True)
    else:
        found = studies(study, around)
        if len(found) != 1:
            what = "several studies are" if found else "no study is"
            names = [base(each) for each in found or around.studies]
            raise DataError(f"{word}: {what} called '{printable(study)}'{near(study, names)}")
        place = found[0]
    return run_of_trial(place, int(trial), int(repeat) - 1 if dot else 0, word)


def run_of_trial(study: Place, trial: int, repeat: int, word: str) -> Place:
    """The newest run of a trial and repeat, both from 0.

    Raises:
        DataError: there is none; the message begins with the word.
    """
    places = list(inside(study))
    by_number = {identity.trial_of(base(place)): place for place in places}  # the newest one
    if (trial, repeat) in by_number:
        return by_number[trial, repeat]
    repeats = sorted(each[1] + 1 for each in by_number if each is not None and each[0] == trial)
    if repeats:
        known = f"runs {', '.join(map(str, repeats))}" if len(repeats) > 1 else f"run {repeats[0]}"
        raise DataError(f"{word}: trial {trial} of {study.directory} has only {known}")
    trials = sorted({each[0] for each in by_number if each is not None})
    known = f"trials {trials[0]} to {trials[-1]}" if trials else "no runs"
    raise DataError(f"{word}: {study.directory} has no such run; it has {known}")


def trial_words(around: Around, study: str) -> list[str]:
    """The words for the trials of a study, for completion."""
    found = studies(study, around)
    if len(found) != 1:
        return []
    numbers = {identity.trial_of(base(place)) for place in inside(found[0])}
    return [f"{study}#{number}" for number in sorted({each[0] for each in numbers if each})]
