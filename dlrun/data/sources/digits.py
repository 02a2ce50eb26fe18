"""Handwritten digits."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from dlrun.data.dataset import Dataset
from dlrun.data.sources.base import Source, source
from dlrun.data.sources.forms.shipped import numbers, read_lines


@source("digits")
class Digits(Source):
    """1,797 handwritten digits, grayscale images of 8 x 8 pixels, 10 classes.

    Inputs: (1797, 8, 8, 1), 0 to 1 in steps of 1/16.  Source: Alpaydin & Kaynak, "Optical
    recognition of handwritten digits", UCI 1998 (its test set), as shipped with scikit-learn.
    """

    def load(self, seed: int, folder: Path) -> Dataset:
        """Read the images and their digits."""
        table = numbers("digits.csv.gz", read_lines("digits.csv.gz"))
        return Dataset(
            inputs=(table[:, :-1] / 16.0).astype(np.float32).reshape(-1, 8, 8, 1),
            targets=table[:, -1].astype(np.int64),
            task="classification",
            classes=tuple("0123456789"),
        )
