"""Runs in MLflow, in a database that is read as it is."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from logged_runs import END, epochs, logged, run_in

from dlrun.loggers.messages import Restart
from dlrun.loggers.mlflow import Mlflow


def rows(folder: Path, query: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(folder / "mlflow.db")) as database:
        return list(database.execute(query))


@pytest.mark.slow
def test_runs_their_resumption_and_their_parent(tmp_path: Path) -> None:
    """One test of everything: MLflow needs seconds to make the tables of its database."""
    logger = Mlflow(uri="sqlite:///mlflow.db", artifacts=True, tags={"team": "blue"})
    logger = logger.anchored(tmp_path)
    study = tmp_path / "study"
    run = run_in(study / "trials" / "0001", group=study, resolved=True)
    assert logged(logger, run, epochs(1, 2)) == []
    ((status,),) = rows(tmp_path, "select status from runs where name = 'trials-0001'")
    assert status == "RUNNING"
    assert logged(logger, run, [*epochs(1, 3), Restart(2), *epochs(3, 3), END]) == []
    other = run_in(study / "trials" / "0002", group=study)
    assert logged(logger, other, [*epochs(1, 1), END]) == []

    found = dict(rows(tmp_path, "select name, status from runs"))
    assert found == dict.fromkeys(("study", "trials-0001", "trials-0002"), "FINISHED")
    ids = dict(rows(tmp_path, "select name, run_uuid from runs"))
    one = ids["trials-0001"]
    of_one = f"where run_uuid = '{one}'"
    losses = rows(tmp_path, f"select step, value from metrics {of_one} and key = 'train/loss'")
    assert sorted(losses) == [(1, 1.0), (2, 0.5), (3, 1 / 3), (3, 1 / 3)]
    final = rows(tmp_path, f"select step, value from metrics {of_one} and key = 'final/test/loss'")
    assert final == [(3, 0.25)]
    parameters = dict(rows(tmp_path, f"select key, value from params {of_one}"))
    assert parameters["optimizer.adam.lr"] == "0.01"
    tags = dict(rows(tmp_path, f"select key, value from tags {of_one}"))
    assert tags["mlflow.parentRunId"] == ids["study"]
    assert (tags["team"], tags["dlrun.ended_by"]) == ("blue", "epochs")
    (stored,) = (tmp_path / "mlartifacts").rglob("resolved.yaml")
    assert one in stored.parts


@pytest.mark.slow
def test_a_server_that_is_down_is_one_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://me:hidden@127.0.0.1:9")
    (warning,) = logged(Mlflow(), run_in(tmp_path), [*epochs(1, 3), END])
    assert warning.startswith("log: mlflow is switched off for this run: MlflowException: ")
    assert "hidden" not in warning
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not [path for path in files if b"hidden" in path.read_bytes()]


def test_relative_databases_start_at_the_folder_of_the_spec() -> None:
    anchored = Mlflow(uri="sqlite:///sub/mlflow.db").anchored(Path("/specs"))
    assert anchored.uri == "sqlite:////specs/sub/mlflow.db"
    for uri in (None, "sqlite:////data/mlflow.db", "http://localhost:5000"):
        assert Mlflow(uri=uri).anchored(Path("/specs")).uri == uri
