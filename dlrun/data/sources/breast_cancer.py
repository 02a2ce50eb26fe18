"""Breast cancer: tumours, malignant or benign."""

from __future__ import annotations

from pathlib import Path

from dlrun.data.dataset import Dataset
from dlrun.data.sources.base import Source, source
from dlrun.data.sources.forms.shipped import classified_table

_MEASURES = (
    "radius",
    "texture",
    "perimeter",
    "area",
    "smoothness",
    "compactness",
    "concavity",
    "concave points",
    "symmetry",
    "fractal dimension",
)


@source("breast_cancer")
class BreastCancer(Source):
    """569 tumours by 30 measurements of their cell nuclei, malignant or benign.

    Source: Street, Wolberg & Mangasarian, "Nuclear feature extraction for breast tumor
    diagnosis", 1993 (Wisconsin, diagnostic), as shipped with scikit-learn.
    """

    def load(self, seed: int, folder: Path) -> Dataset:
        """Read the table, (569, 30): each measure's mean, standard error and worst value."""
        names = (
            *(f"mean {measure}" for measure in _MEASURES),
            *(f"{measure} error" for measure in _MEASURES),
            *(f"worst {measure}" for measure in _MEASURES),
        )
        return classified_table("breast_cancer.csv", names)
