"""Progression of diabetes."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from dlrun.data.dataset import Column, Dataset
from dlrun.data.sources.base import Source, source
from dlrun.data.sources.forms.shipped import numbers, read_lines

_COLUMNS = ("age", "sex", "bmi", "bp", "s1", "s2", "s3", "s4", "s5", "s6")


@source("diabetes")
class Diabetes(Source):
    """442 patients by 10 measurements; regression of the progression after one year.

    Values are as measured, not scaled.  Source: Efron et al., "Least angle regression", 2004, as
    shipped with scikit-learn.
    """

    def load(self, seed: int, folder: Path) -> Dataset:
        """Read the table, (442, 10), and its targets, (442, 1)."""
        table, target = "diabetes_data_raw.csv.gz", "diabetes_target.csv.gz"
        return Dataset(
            inputs=numbers(table, read_lines(table), delimiter=None).astype(np.float32),
            targets=numbers(target, read_lines(target), delimiter=None).astype(np.float32),
            task="regression",
            columns=tuple(Column(name) for name in _COLUMNS),
        )
