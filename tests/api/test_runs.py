from __future__ import annotations

import sys
from pathlib import Path

import pandas
import pytest
from run_folders import write_run

import dlrun
from dlrun.errors import InputError


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for number in range(12):
        time = f"2026-11-{number + 1:02}T12:00:00Z"
        loss = abs(number - 5.25)
        write_run(tmp_path / "runs" / "<b>" / f"r{number:02}", (loss,), lr=0.1 * number, time=time)
    return tmp_path


def test_sorted_losses_of_different_units_get_a_note(tmp_path: Path) -> None:
    write_run(tmp_path / "runs" / "<b>" / "other", (0.01,), loss={"focal": {"gamma": 2.0}})
    write_run(tmp_path / "runs" / "<b>" / "empty", (), ending=None, loss="mse")
    for key in ("best", "validation.loss"):
        found = dlrun.runs(sort=key)
        assert found[0].id == "other"
        assert found.notes == (
            f"--sort {key}: the runs have different 'loss', so their validation.loss cannot be "
            "compared; sort by a metric",
        )
        assert dlrun.runs(sort=key, where=["id!=other"]).notes == ()
    for key in ("validation.accuracy", "created", "loss"):
        assert dlrun.runs(sort=key).notes == ()


def test_runs_are_a_sequence() -> None:
    runs = dlrun.runs(where=["optimizer.adam.lr>0.15"], sort="validation.loss", top=3)
    assert [run.id for run in runs] == ["r05", "r06", "r04"]
    assert (len(runs), runs.total, runs.notes) == (3, 12, ())
    assert [run.id for run in runs[1:]] == ["r06", "r04"]
    assert dlrun.Run(runs[0]).metrics["validation.loss"] == [0.25]
    assert [run.id for run in dlrun.runs("runs", reverse=True)][:2] == ["r00", "r01"]
    assert len(dlrun.runs(where="id=r03")) == 1
    with pytest.raises(InputError, match="top 0: must be at least 1"):
        dlrun.runs(top=0)


def test_a_table_becomes_a_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    table = dlrun.runs(sort="id", top=2).table()
    assert table[0]["optimizer.adam.lr"] == 0.0
    frame = table.to_pandas()
    assert list(frame["id"]) == ["r00", "r01"]
    assert frame["created"][0] == pandas.Timestamp("2026-11-01T12:00:00Z")
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(InputError, match="pandas is not installed"):
        table.to_pandas()


def test_notebooks_show_escaped_tables() -> None:
    runs = dlrun.runs()
    for text in (runs._repr_html_(), dlrun.Run(runs[0])._repr_html_()):
        assert "&lt;b&gt;" in text
        assert "<b>/" not in text
    lines = repr(runs).splitlines()
    assert lines[0] == "Runs(12 of 12)"
    assert lines[1] == "  runs/<b>/r11: done, 1/2 epochs, validation.loss 5.75"
    assert lines[-1] == "  ... and 2 more"
    assert repr(dlrun.Run(runs[0])) == (
        "Run('runs/<b>/r11': done, 1/2 epochs, validation.loss 5.75)"
    )


def test_a_broken_run_is_shown_by_its_path() -> None:
    run = dlrun.Run("r03")
    (run.path / "result.json").write_text("{")
    assert repr(run) == "Run('runs/<b>/r03')"
    assert "r03" in run._repr_html_()


def test_titles_and_short_forms_are_columns(tmp_path: Path) -> None:
    model = [{"dense": {"units": 8, "bias": True}}, "relu"]
    write_run(tmp_path / "runs" / "c" / "r12", model=model, epochs=3)
    table = dlrun.runs("runs/c").table(["spec.epochs", "spec.name", "model.0.dense", "model.1"])
    names = {"spec.epochs": 3, "spec.name": "c", "model.0.dense.units": 8, "model.1": "relu"}
    assert list(table) == [names]
    with pytest.raises(InputError) as caught:
        dlrun.runs(where="model=x")
    assert "no run has 'model'" in str(caught.value) and "mean 'model'" not in str(caught.value)
