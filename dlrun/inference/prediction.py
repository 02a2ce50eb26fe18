"""Predictions for the samples in a file, which need not fit in memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path

import numpy as np

from dlrun.arrays import Array
from dlrun.data.dataset import Unlabelled
from dlrun.data.file_advice import with_advice
from dlrun.data.preprocess.pipeline import Pipeline
from dlrun.errors import DataError
from dlrun.experiment.numerics import need_numerics_of
from dlrun.experiment.read import read_trained
from dlrun.inference import saved_model
from dlrun.inference.answers import Answers, Block, Row, Rows, Wording, rows_of
from dlrun.inference.loaded_model import SavedModel
from dlrun.inference.notes import Tell, tell_all
from dlrun.nn.engine.network import ROWS
from dlrun.nn.engine.validity import output_mask
from dlrun.nn.parallel.blas import alone
from dlrun.run_directory.saved_run import SavedRun

_VALUES = 1 << 18
"""Values of samples that are preprocessed and predicted at a time: 1 MiB of float32."""


def answers(
    run: SavedRun,
    which: saved_model.Which,
    tell: Tell,
    file: str,
    id_column: str | None = None,
) -> Answers:
    """Predictions of a run's network for the samples in a file.

    Args:
        run: its directory, or an archive.
        which: the weights to use.
        tell: receives each note for the user on the samples.
        file: samples in the form of the run's source; they need no targets.
        id_column: a column of the file that the table repeats; None for none.

    Raises:
        DataError: the run or the file cannot be read; the message names the row of a bad sample.
        MachineError: the run has portable numerics, and this process has not.
    """
    wording, blocks = _blocks_of(run, which, tell, file, id_column)
    known = list(blocks)
    return Answers(wording.header(known[0].predictions.shape[1:]), Rows(wording, known))


def streamed(
    run: SavedRun,
    which: saved_model.Which,
    tell: Tell,
    file: str,
    id_column: str | None = None,
) -> tuple[Row, Iterator[Row]]:
    """The header and the rows of the same table; the file is read as the rows are.

    The first samples are predicted at once, so that most errors are raised before there is a row.

    Args:
        run: its directory, or an archive.
        which: the weights to use.
        tell: receives each note for the user on the samples.
        file: samples in the form of the run's source; they need no targets.
        id_column: a column of the file that the table repeats; None for none.

    Raises:
        DataError: as ``answers``; also from the iterator, for samples after the first ones.
        MachineError: as ``answers``.
    """
    wording, blocks = _blocks_of(run, which, tell, file, id_column)
    first = next(blocks)
    return wording.header(first.predictions.shape[1:]), rows_of(wording, chain((first,), blocks))


def _blocks_of(
    run: SavedRun,
    which: saved_model.Which,
    tell: Tell,
    file: str,
    id_column: str | None,
) -> tuple[Wording, Iterator[Block]]:
    experiment = read_trained(run)
    need_numerics_of(experiment, run.path)
    model = saved_model.load(run, which)
    like = replace(model.like, new_categories=experiment.data.new_categories)
    source = experiment.data.source
    parts = with_advice(source.input_blocks(file, Path(), like, id_column), file, source)
    wording = Wording(model.task, model.classes, experiment.loss.probabilistic, id_column)
    return wording, _predicted(model, parts, tell, file)


def _predicted(
    model: SavedModel, parts: Iterator[Unlabelled], tell: Tell, file: str
) -> Iterator[Block]:
    """Predictions for whole batches, so that they do not depend on how the file is divided."""
    names: list[str] = []
    ids: list[str] = []
    waiting: list[Array] = []
    real = output_mask(model.network.graph, model.network.loss)

    def block(names: list[str], inputs: Array, ids: list[str]) -> Block:
        steps = None if real is None else real(inputs)
        return Block(names, _predict(model, inputs), ids, steps)

    for part in parts:
        tell_all(part.notes, tell)
        for some, inputs in _transformed(part, model.pipeline, file):
            names += part.names[some]
            ids += () if part.ids is None else part.ids[some]
            waiting.append(inputs)
            if (whole := len(names) // ROWS * ROWS) > 0:
                inputs = np.concatenate(waiting)
                yield block(names[:whole], inputs[:whole], ids[:whole])
                names, ids, waiting = names[whole:], ids[whole:], [inputs[whole:]]
    if names:
        yield block(names, np.concatenate(waiting), ids)


def _predict(model: SavedModel, inputs: Array) -> Array:
    with alone():
        return model.network.predict(inputs)


def _transformed(
    samples: Unlabelled, pipeline: Pipeline, file: str
) -> Iterator[tuple[slice, Array]]:
    """Preprocessed samples, a few at a time, and their rows.

    Raises:
        DataError: a value that the network reads is missing or infinite.
    """
    per_sample = max(1, int(np.prod(samples.inputs.shape[1:])))
    count = max(1, _VALUES // per_sample)
    for start in range(0, len(samples.inputs), count):
        some = slice(start, start + count)
        inputs = np.asarray(samples.inputs[some])
        transformed = pipeline.transform(inputs)
        finite = np.isfinite(transformed.reshape(len(transformed), -1)).all(axis=1)
        if not finite.all():
            raise _not_finite(samples, pipeline, inputs, start, int(np.argmin(finite)), file)
        yield some, transformed


def _not_finite(
    samples: Unlabelled, pipeline: Pipeline, inputs: Array, start: int, row: int, file: str
) -> Exception:
    """The error for a row of some inputs, the first of which is sample ``start``."""
    for number, column in enumerate(pipeline.before or ()):
        # A missing category is one that matches none.
        if samples.gap is not None and not column.categorical and np.isnan(inputs[row, number]):
            return samples.gap(start + row, number)
    return DataError(
        f"{file}: sample {samples.names[start + row]} has values beyond the 32-bit range after "
        "the run's preprocessing, far outside its training set"
    )
