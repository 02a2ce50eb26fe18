"""Fisher's irises."""

from __future__ import annotations

from pathlib import Path

from dlrun.data.dataset import Dataset
from dlrun.data.sources.base import Source, source
from dlrun.data.sources.forms.shipped import classified_table


@source("iris")
class Iris(Source):
    """150 irises by four lengths in cm, 3 classes of 50.

    Source: Fisher, "The use of multiple measurements in taxonomic problems", 1936, as
    shipped with scikit-learn.
    """

    def load(self, seed: int, folder: Path) -> Dataset:
        """Read the table, (150, 4)."""
        return classified_table(
            "iris.csv",
            ("sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)"),
        )
