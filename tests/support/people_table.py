"""A table with a category, a number with gaps and two classes, and the section that reads it."""

from __future__ import annotations

from typing import Any

from dlrun.data.preprocess.base import Preprocess
from dlrun.data.section import DataSection
from dlrun.data.sources.csv import Csv
from dlrun.data.split.section import Split

TABLE = "city,age,y\n" + "".join(
    f"{('Paris', 'Rome')[row % 2]},{row if row % 7 else ''},{'ab'[row % 3 == 0]}\n"
    for row in range(40)
)


def section(*steps: Preprocess, **split: Any) -> DataSection:
    return DataSection(source=Csv(path="t.csv", target="y"), split=Split(**split), preprocess=steps)
