from __future__ import annotations

from pathlib import Path

from run_folders import write_folds, write_run

from dlrun.collection.collect import read_entry
from dlrun.run_directory.directory import RunDirectory
from dlrun.web.followed import charts_of, labels
from dlrun.web.growth import growth


def test_what_has_grown_is_sent_alone(tmp_path: Path) -> None:
    path = write_run(tmp_path / "runs" / "moons" / "a", (0.5, 0.4), ending=None)
    entries = [read_entry(path)]
    before = charts_of(entries)
    assert growth(before, charts_of(entries)) == {}
    RunDirectory(path).append_metrics(
        {"epoch": 3, "step": 15, "seconds": 0.1, "lr": 0.01}
        | {"train.loss": 0.15, "validation.loss": 0.3, "validation.accuracy": 0.7}
    )
    found = growth(before, charts_of(entries))
    assert set(found) == {"chart-curve-loss", "chart-curve-accuracy", "chart-curve-lr"}
    assert found["chart-curve-loss"]["series"] == [
        {"name": "training", "from": 2, "x": [3], "y": [0.15]},
        {"name": "validation", "from": 2, "x": [3], "y": [0.3]},
    ]
    assert all(each["from"] == 0 for each in growth({}, before)["chart-curve-loss"]["series"])


def test_a_value_that_has_changed_is_sent_with_all_that_follow(tmp_path: Path) -> None:
    path = write_run(tmp_path / "runs" / "moons" / "a", (0.5, 0.4, 0.3))
    entries = [read_entry(path)]
    before = charts_of(entries)
    text = (path / "metrics.csv").read_text()
    (path / "metrics.csv").write_text(text.replace("0.4", "0.45"))
    series = growth(before, charts_of(entries))["chart-curve-loss"]["series"][1]
    assert (series["from"], series["y"]) == (1, [0.45, 0.3])


def test_a_cross_validation_is_compared_by_the_mean_curve_of_its_folds(tmp_path: Path) -> None:
    whole = read_entry(write_folds(tmp_path / "runs" / "folds" / "a", [(0.5,), (1.0,)]))
    run = read_entry(write_run(tmp_path / "runs" / "moons" / "b"))
    series = charts_of([whole, run])["chart-compare-validation.loss"]["series"]
    assert [(each["name"], each["y"]) for each in series] == [("a", [0.75]), ("b", [0.5, 0.4])]
    assert charts_of([whole]) == {}  # its own page has a curve for each fold


def test_equal_ids_get_their_folder(tmp_path: Path) -> None:
    paths = [write_run(tmp_path / "runs" / name / "a") for name in ("one", "two")]
    paths.append(write_run(tmp_path / "runs" / "two" / "b"))
    assert labels([read_entry(path) for path in paths]) == ["one/a", "two/a", "b"]
    compared = charts_of([read_entry(path) for path in paths])
    names = [each["name"] for each in compared["chart-compare-validation.loss"]["series"]]
    assert names == ["one/a", "two/a", "b"]
