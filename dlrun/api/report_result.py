"""Reporting the result of a suggested run to its study."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from dlrun.collection.naming import resolve_run, resolve_study
from dlrun.errors import InputError
from dlrun.experiment.plugins import Allow
from dlrun.run_directory.directory import RunDirectory
from dlrun.study import ask_tell, reported


def report_result(
    study: str | Path,
    run: str | int,
    scores: float | Mapping[str, float] | Sequence[str] | None = None,
    *,
    directory: str | Path | None = None,
    failed: str | None = None,
    lost: bool = False,
    allow_plugins: Allow = False,
) -> None:
    """Report the result of a run that ``suggest`` returned (tell); give exactly one kind of result.

    Args:
        study: the study directory.
        run: the name of the run, such as ``3``, or with several seeds ``3-2``.
        scores: the value of the objective, or scores by name, such as ``validation.loss``; or
            either as words, as on the command line.
        directory: a run directory to read the scores from.
        failed: why the run has no scores.
        lost: whether the result is lost, so that the run is suggested again.
        allow_plugins: whether the Python files that the spec names may run.

    Raises:
        InputError: no result is given, or more than one.
        DataError: the study has no such run in progress, or the objective is missing or not finite.
    """
    words = _words(scores)
    given = [bool(words), directory is not None, failed is not None, lost]
    if sum(given) != 1:
        raise InputError("give a value, or one of --from, --failed and --lost")
    plan, place = ask_tell.reopen(resolve_study(study), allow_plugins=allow_plugins)
    outcome, trained = None, None
    if words:
        outcome = reported.scored(plan, words)
    elif directory is not None:
        trained = RunDirectory.open(resolve_run(Path(directory)))
        outcome = reported.trained(trained)
    elif failed is not None:
        outcome = reported.failed(failed)
    ask_tell.report(plan, place, str(run), outcome, trained)


def _words(scores: float | Mapping[str, float] | Sequence[str] | None) -> list[str]:
    """Scores as ``0.3`` or ``validation.loss=0.3``."""
    if scores is None:
        return []
    if isinstance(scores, Mapping):
        return [f"{name}={float(value)!r}" for name, value in scores.items()]
    if isinstance(scores, Sequence):
        return list(scores)
    return [repr(float(scores))]
