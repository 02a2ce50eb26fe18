"""The comparison of runs."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from dlrun.collection.collect import collect
from dlrun.collection.conditions import matching
from dlrun.collection.entry import Entry
from dlrun.collection.naming import resolve
from dlrun.collection.run_entry import RunEntry
from dlrun.errors import InputError
from dlrun.run_directory.output import png_file
from dlrun.summaries.compared import Compared, compared
from dlrun.summaries.location import entry_of, located
from dlrun.summaries.run_groups import RunGroup


def compare(
    *runs: str | os.PathLike[str],
    where: Iterable[str] = (),
    score: str | None = None,
    plot: str | Path | None = None,
) -> Compared:
    """Compare two runs or more: in what they differ, and which are better.

    Runs that differ only in the seed are repeats: their scores become a mean with a 95 %
    interval.  Each group of repeats is tested against the first one, with differences that are
    paired by seed.

    Args:
        runs: directories, or words that name them; a study stands for its runs.  None for all runs
            in ``runs`` and ``studies``, which needs a condition.
        where: conditions on the runs, as in ``runs``.
        score: that is tested and drawn; None for the one that determines the best epoch.
        plot: a PNG file for the curves of that score; None for no picture.

    Raises:
        InputError: there are fewer than two runs, no run has the score, or a condition cannot be
            used.
        DataError: a run does not exist, or a file is broken.
    """
    conditions = [where] if isinstance(where, str) else list(where)
    file = None if plot is None else png_file(Path(plot), "--plot")
    entries = _entries(runs, conditions)
    if len(entries) < 2:
        found = f"only {entries[0].directory} is given" if entries else "none is given"
        if conditions and entries:
            found = f"only {entries[0].directory} fulfils the conditions"
        elif conditions:
            found = "none fulfils the conditions"
        raise InputError(f"a comparison needs two runs or more, and {found}; name another one")
    result = compared(entries, score)
    if file is not None:
        _draw(result, file)
    return result


def _entries(runs: Sequence[str | os.PathLike[str]], conditions: Sequence[str]) -> list[RunEntry]:
    """The runs, each once."""
    if not runs and not conditions:
        raise InputError("a comparison needs two runs or more; name them, or use --where")
    entries: list[Entry] = []
    for run in runs:
        place = located(resolve(run))
        entries += _trials(place.directory) if place.is_study else [entry_of(place)]
    if not runs:  # the oldest is the first, with which the others are compared
        found = collect().entries
        entries += sorted(found, key=lambda each: (each.order, each.directory))
    kept = [entry for entry in matching(entries, conditions) if isinstance(entry, RunEntry)]
    return list({os.path.realpath(entry.directory): entry for entry in kept}.values())


def _trials(study: str) -> list[Entry]:
    """The runs of a study by trial and repeat, whatever their order of training."""
    runs = [each for each in collect([study]).entries if isinstance(each, RunEntry)]
    return [*sorted(runs, key=lambda run: (run.trial or 0, run.repeat or 0, run.order))]


def _draw(result: Compared, path: Path) -> None:
    from dlrun.pictures.compared_curves import ComparedCurve, draw_compared

    curves = [
        ComparedCurve(number, _legend(group, result), result.curves[name])
        for number, group in enumerate(result.groups)
        for name in group.names()
        if name in result.curves
    ]
    if result.score is None or not curves:
        what = "the runs have no score in common" if result.score is None else "no run has a curve"
        raise InputError(f"--plot {path}: {what}; choose another one with --score")
    draw_compared(curves, result.score, path)


def _legend(group: RunGroup, result: Compared) -> str:
    """The label of a group, and its values of the first keys that differ."""
    words = [
        f"{key.rpartition('.')[2]} {group.example.spec[key]}"
        for key in result.keys[:2]
        if key in group.example.spec
    ]
    return f"{group.label}: {', '.join(words)}"[:60] if words else group.label
