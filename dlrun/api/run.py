"""A run directory or an archive, opened from Python."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from dlrun.arrays import Array
from dlrun.collection.facts import described, html_of
from dlrun.collection.naming import resolve_run
from dlrun.experiment.numerics import need_numerics_of
from dlrun.experiment.read import named_plugins, read_trained
from dlrun.inference import saved_model
from dlrun.inference.answers import Answers
from dlrun.inference.evaluation import scores_of
from dlrun.inference.loaded_model import SavedModel
from dlrun.inference.notes import Tell
from dlrun.inference.prediction import answers
from dlrun.run_directory.saved_run import open_saved


def warn_caller(note: str, *, further: int = 0) -> None:
    """Show a note as a warning of the code that called a method of ``Run``.

    Args:
        note: the text.
        further: calls between that code and the method.
    """
    warnings.warn(note, stacklevel=3 + further)


class Run:
    """A run directory, of a run that has ended or not, or an archive.

    Threads may share a ``Run``; their predictions are made one after another.  A copy, including
    one that was pickled for another process, reads the weights again when it needs them.

    Args:
        path: the run directory, an archive, an entry of ``runs``, or a word that names a run:
            ``latest``, the beginning of an ID, ``NAME@best`` or ``STUDY#3``.

    Attributes:
        path: the run directory, or the archive.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = resolve_run(path)
        open_saved(self.path)
        # Also after a change of the working directory.
        self._saved = open_saved(self.path.absolute())

    def __repr__(self) -> str:
        return f"Run({described(self.path)})"

    def __fspath__(self) -> str:
        """The run directory or the archive, so that it can be passed wherever a path can."""
        return str(self.path)

    def _repr_html_(self) -> str:
        return html_of(self.path)

    def __reduce__(self) -> tuple[type[Run], tuple[Path]]:
        return type(self), (self._saved.path,)

    @property
    def result(self) -> Mapping[str, Any]:
        """How the run ended: status, reason, best epoch, final metrics, seconds.

        Raises:
            DataError: the run has not ended.
        """
        return self._saved.result()

    @property
    def metrics(self) -> Mapping[str, Sequence[float]]:
        """The columns of metrics.csv, with one value per epoch."""
        return self._saved.metrics()

    @property
    def plugins(self) -> tuple[str, ...]:
        """Python files that the spec names; only training runs them."""
        return named_plugins(self._saved)

    @property
    def classes(self) -> tuple[str, ...] | None:
        """Names of the classes or labels; None in a regression."""
        return self._saved_model.classes

    def predict(self, inputs: Array | Sequence[str]) -> Array:
        """Predict for raw samples, in the form in which the run's source reads them.

        They are preprocessed as fitted on the run's training set.

        Args:
            inputs: (n, *sample shape), or n texts.

        Returns:
            Probabilities, (n, classes); with binary_cross_entropy that of the second class, (n, 1),
            or of each label, (n, labels); in a regression the values, in the shape of the targets.

        Raises:
            DataError: the samples have a different shape, or the run has no weights.
            MachineError: the run has portable numerics, and this process has not.
        """
        need_numerics_of(read_trained(self._saved), self.path)
        return self._saved_model.predict(inputs)

    def predict_file(
        self, file: str, tell: Tell = warn_caller, *, id_column: str | None = None
    ) -> Answers:
        """Predict for the samples in a file, in the form of the run's source.

        Args:
            file: the samples; targets are not needed.
            tell: called with each note on the samples, such as files that were left out; by default
                a note becomes a warning.
            id_column: a column of the file, such as an ID, to repeat after ``sample``.

        Returns:
            A table: ``header``, the names of its columns, and ``rows``, a sequence with one row per
            sample, whose cells are texts in the order of ``header``; as ``dlrun predict`` prints.

        Raises:
            DataError: the file cannot be read or used; the message names the row of a bad sample.
        """
        notes: list[str] = []
        try:
            return answers(self._saved, self._weights, notes.append, file, id_column)
        finally:
            for note in notes:
                tell(note)

    def evaluate(self, file: str | None = None, tell: Tell = warn_caller) -> Mapping[str, float]:
        """The loss and the metrics of the saved weights.

        Args:
            file: samples with targets; None scores the run's own validation and test set again.
            tell: as for ``predict_file``.

        Raises:
            DataError: the data or the run cannot be read, or the run's own data has changed, or is
                not there because it is an archive.
        """
        notes: list[str] = []
        try:
            return scores_of(self._saved, self._weights, notes.append, file)
        finally:
            for note in notes:
                tell(note)

    @cached_property
    def _saved_model(self) -> SavedModel:
        return saved_model.load(self._saved, self._weights)

    @property
    def _weights(self) -> saved_model.Which:
        found: saved_model.Which = self._saved.training_result()["weights"]
        return found
