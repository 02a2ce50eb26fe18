"""Handwritten digits."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from dlrun.data.dataset import Dataset
from dlrun.data.shipped import numbers, read_lines
from dlrun.data.source import Source, source


@source("digits")
class Digits(Source):
    """1,797 handwritten digits, images of 8 x 8 grey levels, 10 classes.

    Inputs: (1797, 8, 8, 1), 0 to 1 in steps of 1/16.  Source: Alpaydin & Kaynak, "Optical
    recognition of handwritten digits", UCI 1998 (its test part), as scikit-learn ships it.
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
