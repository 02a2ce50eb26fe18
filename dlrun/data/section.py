"""The section ``data`` of a spec."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import PositiveInt

from dlrun.data.preprocessor import Preprocess
from dlrun.data.source import Source
from dlrun.data.split import Split
from dlrun.spec.component import Component


class DataSection(Component):
    """What to learn from, and in which portions."""

    source: Source
    """Where samples come from."""
    split: Split = Split()
    """Which of them train, validate and test."""
    preprocess: tuple[Preprocess, ...] = ()
    """Steps that inputs go through, fitted on the training part."""
    target: Literal["source", "input"] = "source"
    """What the network is to say: the targets of the source or, of an autoencoder, its own input
    as it is behind the preprocessing."""
    sampling: Literal["once", "balanced"] = "once"
    """``once`` visits each training sample once an epoch; ``balanced`` each class as often, in as
    many samples: those of rare classes several times, those of frequent ones in turn."""
    batch_size: PositiveInt = 32
    """Samples in a training step; the last batch of an epoch may be smaller."""
    buckets: PositiveInt = 1
    """Lengths that batches of texts are cut to: 4 puts texts of alike length into a batch, which is
    padded to one of 4 lengths and no further; 1 pads all texts to the same length."""

    def anchored(self, folder: Path) -> DataSection:
        """The same data for a spec that may lie anywhere: relative paths start at ``folder``."""
        here = {
            "source": self.source.anchored(folder),
            "split": self.split.anchored(folder),
            "preprocess": tuple(step.anchored(folder) for step in self.preprocess),
        }
        return self.model_copy(update=here)
