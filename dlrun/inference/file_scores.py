"""Scores of a file, which need not fit in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dlrun.data.dataset import Dataset
from dlrun.data.file_advice import with_advice
from dlrun.data.preprocess.pipeline import Gaps
from dlrun.data.samples import narrowed
from dlrun.data.section import DataSection
from dlrun.inference.file_blocks import in_blocks, parts_of
from dlrun.inference.loaded_model import SavedModel
from dlrun.inference.notes import Tell, tell_all
from dlrun.inference.scores import evaluate_blocks
from dlrun.nn.metrics.base import Metric


@dataclass(frozen=True, slots=True)
class FileScores:
    """How a file is scored.

    Attributes:
        model: the saved network.
        metrics: to compute.
        section: the section ``data`` of the spec.
        like: the training data.
    """

    model: SavedModel
    metrics: Sequence[Metric]
    section: DataSection
    like: Dataset

    def of(self, file: str, tell: Tell) -> dict[str, float]:
        """The loss and every metric of the samples in a file, by name.

        Args:
            file: samples with targets; those of an autoencoder need none.
            tell: receives each note for the user on the samples.

        Raises:
            DataError: the file cannot be read, or does not match the training data.
        """
        autoencoder = self.section.target == "input"
        return self._scored(file, self._unlabelled if autoencoder else self._labelled, tell)

    def _labelled(self, file: str) -> Iterator[Dataset]:
        source = self.section.source
        return with_advice(source.file_blocks(file, Path(), self.like), file, source)

    def _unlabelled(self, file: str) -> Iterator[Dataset]:
        source = self.section.source
        for part in with_advice(source.input_blocks(file, Path(), self.like), file, source):
            data = Dataset.without_targets(part.inputs, self.like.columns)
            yield replace(data, notes=part.notes)

    def _scored(
        self, file: str, read: Callable[[str], Iterator[Dataset]], tell: Tell
    ) -> dict[str, float]:
        notes: dict[str, None] = {}
        blocks = in_blocks(self._ready(file, parts_of(read(file), notes)))
        task = "regression" if self.section.target == "input" else self.like.task
        scores = evaluate_blocks(self.model.network, self.metrics, task, blocks)
        tell_all(notes, tell)
        return scores

    def _ready(self, file: str, parts: Iterator[Dataset]) -> Iterator[Dataset]:
        """Samples after preprocessing.

        After a missing value, the others are only counted.

        Raises:
            DataError: values are missing or infinite, or targets cannot be scaled.
        """
        gaps = Gaps()
        for part in parts:
            data = self.model.pipeline.apply(part)
            gaps.add(data)
            if not gaps:
                data = replace(data, targets=narrowed(data.targets))
                self.model.need_domain(data, file)
                yield data.reconstructing() if self.section.target == "input" else data
        gaps.need_none(file)
