"""Wines of three cultivars."""

from __future__ import annotations

from pathlib import Path

from dlrun.data.dataset import Dataset
from dlrun.data.sources.base import Source, source
from dlrun.data.sources.forms.shipped import classified_table

_COLUMNS = (
    "alcohol",
    "malic_acid",
    "ash",
    "alcalinity_of_ash",
    "magnesium",
    "total_phenols",
    "flavanoids",
    "nonflavanoid_phenols",
    "proanthocyanins",
    "color_intensity",
    "hue",
    "od280/od315_of_diluted_wines",
    "proline",
)


@source("wine")
class Wine(Source):
    """178 Italian wines by 13 chemical measurements, 3 classes.

    Source: Forina et al., "PARVUS", 1988, through UCI, as shipped with scikit-learn.
    """

    def load(self, seed: int, folder: Path) -> Dataset:
        """Read the table, (178, 13)."""
        return classified_table("wine_data.csv", _COLUMNS)
