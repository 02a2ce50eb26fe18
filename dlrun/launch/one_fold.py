"""A training has one fold; a cross-validation is a training of each."""

from __future__ import annotations

from dlrun.errors import SpecError
from dlrun.experiment.experiment import Experiment
from dlrun.run_directory.directory import RunDirectory
from dlrun.run_directory.not_a_run import not_one_training


def require_one_fold(experiment: Experiment) -> None:
    """Check that a spec asks for one training.

    Raises:
        SpecError: it asks for all folds.
    """
    if _all_folds(experiment):
        place = experiment.data.split.place_of("folds")
        raise SpecError(
            [
                f"{place}: a training has one fold; set data.split.fold, or train all of them with "
                "dlrun.cross_validate"
            ]
        )


def require_run_of_one_fold(experiment: Experiment, directory: RunDirectory) -> None:
    """Check that a directory, which contains this experiment, is that of one training.

    Raises:
        DataError: it is a cross-validation, which a training would replace.
    """
    if _all_folds(experiment):
        raise not_one_training(directory.path)


def note_on_the_whole(experiment: Experiment, directory: RunDirectory) -> list[str]:
    """A line if a fold is resumed whose scores are already part of those of all folds.

    Args:
        experiment: of the fold.
        directory: of the fold.
    """
    whole = RunDirectory(directory.path.parent)
    split, name = experiment.data.split, f"fold-{experiment.data.split.fold}"
    if split.fold is None or directory.path.name != name or not whole.has_ended:
        return []
    return [
        f"{directory.path}: the scores of all folds stay those from before until all are resumed, "
        f"with dlrun resume {whole.path}"
    ]


def _all_folds(experiment: Experiment) -> bool:
    split = experiment.data.split
    return split.folds is not None and split.fold is None
