"""A training is started from a file or from a mapping, and the results are bit-identical."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from dlrun.errors import SpecError
from dlrun.launch.start import start
from dlrun.run_directory.directory import RunDirectory

Spec = Callable[..., Path]


def trained(spec: Path | dict[str, Any], runs: Path) -> RunDirectory:
    with start(spec, runs=runs) as training:
        training.run()
    return training.directory


def weights(run: RunDirectory) -> str:
    return hashlib.sha256((run.checkpoints / "best.safetensors").read_bytes()).hexdigest()


def test_a_mapping_trains_to_the_weights_of_its_file(spec: Spec, tmp_path: Path) -> None:
    path = spec()
    content = json.loads(path.read_text())
    of_file = trained(path, tmp_path / "file")
    of_mapping = trained(content, tmp_path / "mapping")
    assert weights(of_mapping) == weights(of_file)
    assert of_mapping.metrics()["train.loss"] == of_file.metrics()["train.loss"]
    assert of_mapping.resolved_file.read_bytes() == of_file.resolved_file.read_bytes()
    assert yaml.safe_load((of_mapping.path / "spec.yaml").read_text()) == content


def test_relative_paths_of_a_mapping_start_at_the_working_directory(
    spec: Spec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [f"{n},{n % 4},{'ab'[n % 2]}" for n in range(40)]
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "table.csv").write_text("\n".join(["x,y,kind", *rows]))
    data = {"source": {"csv": {"path": "table.csv", "target": "kind"}}}
    content = json.loads(spec(data=data).read_text())
    monkeypatch.chdir(tmp_path / "here")
    run = trained(content, tmp_path / "runs")
    monkeypatch.chdir(tmp_path)
    resolved = yaml.safe_load(run.resolved_file.read_text())
    assert resolved["data"]["source"]["csv"]["path"] == str(tmp_path / "here" / "table.csv")
    with pytest.raises(SpecError, match=r"spec: data\.source\.csv.*table\.csv"):
        start(content, runs=tmp_path / "runs")


def test_one_fold_is_trained_or_none(spec: Spec, tmp_path: Path) -> None:
    content = json.loads(spec().read_text())
    content["data"]["split"] = {"folds": 3}
    with pytest.raises(SpecError) as caught:
        start(content, runs=tmp_path)
    (error,) = caught.value.faults
    assert error.startswith("spec: data.split.folds: ")
    assert "set data.split.fold" in error
    with start(content, ["data.split.fold=2"], runs=tmp_path) as training:
        assert training.run().status == "completed"


def test_no_directory_is_made_for_a_spec_with_errors(spec: Spec, tmp_path: Path) -> None:
    with pytest.raises(SpecError):
        start(json.loads(spec(epochs=0).read_text()), runs=tmp_path / "runs")
    assert not (tmp_path / "runs").exists()
