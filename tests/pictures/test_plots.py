from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from dlrun.errors import DataError
from dlrun.pictures.plots import draw
from dlrun.run_directory.curves import Calibration, ClassCurve, Curves, Predicted
from dlrun.run_directory.directory import RunDirectory


@pytest.fixture
def run(tmp_path: Path) -> RunDirectory:
    run = RunDirectory.create(tmp_path, "digits")
    run.write_resolved("name: digits\n")
    for epoch in (1, 2, 3):
        row = {"epoch": epoch, "train.loss": 1 / epoch, "validation.loss": 1.1 / epoch}
        run.append_metrics(row)
    return run


def test_it_draws_what_the_run_has(run: RunDirectory) -> None:
    assert draw(run, best_epoch=2) == [run.plots / "learning-curve.png"]
    run.write_confusion(("a", "b"), [[3, 1], [0, 2]])
    files = draw(run, best_epoch=2)
    assert files == [run.plots / "learning-curve.png", run.plots / "confusion.png"]
    assert set(run.plots.iterdir()) == set(files)
    for file in files:
        with Image.open(file) as picture:
            assert picture.format == "PNG"
            assert len(picture.convert("RGB").getcolors(1 << 20) or ()) > 10


def test_curves_have_pictures_until_the_run_has_none(run: RunDirectory) -> None:
    curve = ClassCurve("b", 1, 1, 1.0, 1.0, (0.9, 0.1), (1, 1), (0, 1))
    bins = Calibration(0.1, (2,), (0.6,), (0.5,))
    run.write_curves(Curves("test", 2, 2, 2, (curve,), calibration=bins))
    names = [file.name for file in draw(run)]
    assert names == ["learning-curve.png", "roc.png", "precision-recall.png", "calibration.png"]
    values = Predicted("target", 2, 0.5, 0.1, 0.0, (1.0, 2.0), (1.0, 2.0))
    run.write_curves(Curves("test", 2, 2, predicted=(values,)))
    assert [file.name for file in draw(run)] == ["learning-curve.png", "predicted.png"]
    assert {file.name for file in run.plots.iterdir()} == {"learning-curve.png", "predicted.png"}
    run.write_curves(None)
    draw(run)
    assert {file.name for file in run.plots.iterdir()} == {"learning-curve.png"}


def test_the_best_epoch_comes_from_the_result(run: RunDirectory) -> None:
    (unmarked,) = draw(run)
    plain = unmarked.read_bytes()
    ended = {"status": "completed", "ended_by": {"kind": "epochs", "number": 3}, "reason": ""}
    scores = {"weights": "best", "metrics": {}, "seconds": 1.0}
    run.finish({**ended, **scores, "epochs": 3, "best_epoch": 2})
    (marked,) = draw(run)
    assert marked.read_bytes() != plain
    from_result = marked.read_bytes()
    draw(run, best_epoch=2)
    assert marked.read_bytes() == from_result


def test_class_names_that_the_font_lacks_are_no_warning(run: RunDirectory) -> None:
    run.write_confusion(("猫", "犬"), [[3, 1], [0, 2]])
    assert len(draw(run)) == 2


def test_a_run_without_an_epoch(tmp_path: Path) -> None:
    run = RunDirectory.create(tmp_path, "digits")
    with pytest.raises(DataError, match=r"metrics\.csv: no such file"):
        draw(run)


def test_matplotlib_waits_until_it_is_needed() -> None:
    program = "import sys, dlrun.pictures.plots; print('matplotlib' in sys.modules)"
    output = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True).stdout
    assert output.strip() == b"False"
