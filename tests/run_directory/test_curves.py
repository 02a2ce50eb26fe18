from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from dlrun.errors import DataError
from dlrun.run_directory.curves import (
    GRID,
    Calibration,
    ClassCurve,
    Curves,
    MeanCurve,
    Predicted,
    read_curves,
    write_curves,
)

CURVE = ClassCurve("a, b", 2, 3, 0.75, 0.8, (0.9, 0.5, 0.1), (1, 2, 2), (0, 1, 3))
CURVES = Curves(
    set="test",
    decisions=5,
    used=5,
    classes=3,
    ranked=(CURVE,),
    mean=MeanCurve(3, 0.7, 0.6, (0.5,) * GRID, (0.25,) * GRID),
    calibration=Calibration(0.1, (0, 5), (0.0, 0.9), (0.0, 0.8)),
    predicted=(Predicted("target", 2, None, 0.5, -0.1, (1.0, 2.0), (1.5, 2.0)),),
)


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = tmp_path / "curves.json"
    write_curves(path, CURVES)
    assert read_curves(path) == CURVES
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"set": "train"}, "'set' is wrong"),
        ({"decisions": -1}, "'decisions' is wrong"),
        ({"more": 1}, "'more' is wrong"),
        ({"predicted": [{"name": "y"}]}, "'predicted.0.values' is wrong"),
        ({"calibration": {"calibration_error": 0, "counts": []}}, "'calibration.counts' is wrong"),
    ],
)
def test_a_broken_file_is_named(tmp_path: Path, change: dict[str, object], words: str) -> None:
    path = tmp_path / "curves.json"
    write_curves(path, CURVES)
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(DataError, match=r"curves\.json: ") as caught:
        read_curves(path)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "change",
    [
        {"thresholds": (0.9, 0.5)},
        {"true_positives": (2, 1, 2)},
        {"true_positives": (1, 2, 9)},
        {"false_positives": (0, 1, 2)},
        {"true_positives": (0, 2, 2)},
        {"thresholds": (), "true_positives": (), "false_positives": ()},
    ],
)
def test_counts_that_cannot_be_drawn_are_refused(
    tmp_path: Path, change: dict[str, tuple[float, ...]]
) -> None:
    path = tmp_path / "curves.json"
    write_curves(path, CURVES)
    found = json.loads(path.read_text())
    found["ranked"][0].update(change)
    path.write_text(json.dumps(found))
    with pytest.raises(DataError, match=r"'ranked\.0[^']*' is wrong"):
        read_curves(path)


def test_lists_of_different_lengths_are_no_curve() -> None:
    with pytest.raises(ValueError, match="same length"):
        replace(CURVES.predicted[0], true=(1.0,))
