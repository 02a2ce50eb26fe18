"""Scores of a run on its own sets or on a file."""

from __future__ import annotations

from dataclasses import replace

from dlrun.data.dataset import Dataset
from dlrun.data.prepared import preprocessed
from dlrun.experiment.numerics import need_numerics_of
from dlrun.experiment.read import read_trained
from dlrun.inference import saved_model
from dlrun.inference.file_scores import FileScores
from dlrun.inference.fitted_loss import fitted, loss_of, need_same_data, own_parts
from dlrun.inference.notes import Tell, tell_all
from dlrun.inference.scores import evaluate, prefixed
from dlrun.nn.parallel.blas import alone
from dlrun.run_directory.saved_run import SavedRun


def scores_of(
    run: SavedRun, which: saved_model.Which, tell: Tell, file: str | None = None
) -> dict[str, float]:
    """Score a run's network in evaluation mode, with the preprocessing that is saved with it.

    Args:
        run: its directory, or an archive.
        which: the weights to use.
        tell: receives each note for the user on the samples.
        file: samples with targets, in the form of the run's source (an autoencoder's need none);
            None scores the run's own validation and test set, under names such as
            ``validation.loss``, bit-identical to its result.

    Raises:
        DataError: the run or the file cannot be read, or the run's data has changed or is not
            part of it.
        MachineError: the run has portable numerics, and this process has not.
    """
    experiment = read_trained(run)
    need_numerics_of(experiment, run.path)
    section = experiment.data
    model = saved_model.load(run, which)

    def ready(name: str, data: Dataset) -> Dataset:
        data = preprocessed(data, model.pipeline, name)
        model.need_domain(data, name)
        return data.reconstructing() if section.target == "input" else data

    if file is not None:
        model.network.loss = loss_of(run, experiment, model)
        like = replace(model.like, new_categories=section.new_categories, new_columns=True)
        with alone():
            return FileScores(model, experiment.metrics, section, like).of(file, tell)
    parts = own_parts(run, experiment, model)
    need_same_data(run, parts)
    model.network.loss = fitted(model.network.loss, parts, model, experiment)
    with alone():
        tell_all((note for part in parts.data.values() for note in part.notes), tell)
        scores: dict[str, float] = {}
        for name in ("validation", "test"):
            if name in parts.data:
                part = ready(name, parts.data[name])
                scores |= prefixed(name, evaluate(model.network, experiment.metrics, part))
        return scores
