"""Cross-validation of a spec without output on the terminal."""

from __future__ import annotations

from pathlib import Path

from dlrun.api.run import Run
from dlrun.cross_validation.place import Latest, New
from dlrun.cross_validation.requested import folds_of
from dlrun.cross_validation.scores import FoldScores
from dlrun.cross_validation.validation import CrossValidation
from dlrun.errors import DivergedError, InputError
from dlrun.experiment.compile import compile_spec
from dlrun.experiment.plugins import Allow
from dlrun.spec.given import Given
from dlrun.spec.overrides import Overrides


class CrossValidated:
    """The directory of a finished cross-validation.

    Attributes:
        path: the directory.
        scores: by metric, such as ``test.accuracy``, mean and 95 % interval over the folds.
        folds: the run of each fold.
    """

    def __init__(self, path: Path, scored: FoldScores) -> None:
        self.path, self.scores = path, scored.scores
        numbers = range(1, len(scored.folds) + 1)
        self.folds = tuple(Run(path / f"fold-{number}") for number in numbers)

    def __repr__(self) -> str:
        return f"CrossValidated({str(self.path)!r})"


def cross_validate(
    spec: Given,
    overrides: Overrides = (),
    *,
    runs: str | Path = "runs",
    resume: bool = False,
    allow_changes: bool = False,
    allow_plugins: Allow = False,
) -> CrossValidated:
    """Train every fold of a spec with ``data.split.folds``, without output on the terminal.

    Args:
        spec: path of the YAML file, or its content as a mapping.
        overrides: values that replace those of keys.
        runs: the folder of all runs.
        resume: whether to resume the newest cross-validation of this spec and these overrides, if
            there is one; finished folds stay as they are.
        allow_changes: whether to resume even if the spec, the data or versions changed.
        allow_plugins: whether the Python files that the spec names may run; without it, only files
            run that the user has trusted before, on the command line.

    Raises:
        SpecError: the spec has errors; the message lists all of them.
        InputError: the spec has no folds, or asks for one of them; or one is to be resumed and
            something has changed that its result depends on.
        DataError: a directory cannot be written.
        DivergedError: a fold diverged; all directories are complete all the same.
    """
    folds = folds_of(spec, overrides)
    if not folds:
        compile_spec(
            spec, overrides, allow_plugins=allow_plugins
        )  # the message is likely to show why
        raise InputError("nothing to cross-validate; set data.split.folds")
    place = Latest(Path(runs), or_new=True) if resume else New(Path(runs))
    with CrossValidation(
        spec,
        overrides,
        folds,
        place,
        allow_changes=allow_changes,
        allow_plugins=allow_plugins,
    ) as validation:
        for fold in validation:
            with fold.training as training:
                training.run()
        scored, path = validation.finish(), validation.directory.path
    if scored.status == "diverged":
        raise DivergedError(f"{path}: {scored.reason}")
    return CrossValidated(path, scored)
