"""The section ``data`` of a spec."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import PositiveInt, model_validator

from dlrun.data.preprocess.base import Preprocess
from dlrun.data.preprocess.one_hot import OneHot
from dlrun.data.sources.base import Source
from dlrun.data.split.section import Split
from dlrun.data.target_scaling import Kind
from dlrun.spec.component import Component


class DataSection(Component):
    """The data, its split, its preprocessing and its batches."""

    source: Source
    """Data source."""
    split: Split = Split()
    """Split into training, validation and test set."""
    preprocess: tuple[Preprocess, ...] = ()
    """Preprocessing steps of the inputs, fitted on the training set."""
    target: Literal["source", "input"] = "source"
    """Training targets: ``source`` or, for an autoencoder, ``input`` (after preprocessing)."""
    target_scaling: Kind | None = None
    """Scaling of the targets of a regression: ``standardize`` to mean 0 and standard deviation 1 of
    the training set, for each output, or ``log``, the natural logarithm; null: none.  The loss is
    that of scaled targets; predictions and metrics are in the original units."""
    sampling: Literal["once", "balanced"] = "once"
    """``once``: every training sample once per epoch.  ``balanced``: same epoch length, every class
    equally often (rare classes are repeated)."""
    batch_size: PositiveInt = 32
    """Samples per training step; the last batch of an epoch may be smaller."""
    buckets: PositiveInt = 1
    """Length bucketing: with 4, each batch has texts of similar length and is padded to one of 4
    lengths; 1 pads all texts to the same length."""

    @model_validator(mode="after")
    def _scales_targets_of_the_source(self) -> DataSection:
        if self.target_scaling is not None and self.target == "input":
            raise ValueError(
                "'target_scaling' cannot be combined with target: input; scale the inputs with "
                "preprocess"
            )
        return self

    @property
    def new_categories(self) -> bool:
        """Whether categories that the training data does not have count as missing."""
        return any(
            isinstance(step, OneHot) and step.unknown == "ignore" for step in self.preprocess
        )

    def anchored(self, folder: Path) -> DataSection:
        """The same section with absolute paths; relative ones start at ``folder``."""
        here = {
            "source": self.source.anchored(folder),
            "split": self.split.anchored(folder),
            "preprocess": tuple(step.anchored(folder) for step in self.preprocess),
        }
        return self.model_copy(update=here)

    def paths(self) -> dict[str, str]:
        """The paths of all files and folders with samples, by their keys below ``data``."""
        split, kind = self.split, self.source.kind
        lists = {f"lists.{name}": path for name, path in (split.lists or {}).items()}
        return {
            **{f"source.{kind}.{name}": path for name, path in self.source.paths().items()},
            **{f"split.{name}": path for name, path in {**split.files, **lists}.items()},
        }

    def reading_from(self, other: DataSection, *, lists: bool) -> DataSection:
        """The same section with the paths of another one, where both have such paths.

        Args:
            other: the other section.
            lists: whether those of the lists of a split are taken, too.
        """
        there = {
            "source": self.source.reading_from(other.source),
            "split": self.split.reading_from(other.split, lists=lists),
        }
        return self.model_copy(update=there)
