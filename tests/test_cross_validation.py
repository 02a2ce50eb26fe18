from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats
from sweeps import SPEC, write_sweep

import dlrun
from dlrun.cross_validation import CrossValidation, folds_of
from dlrun.errors import DataError, DivergedError, InputError, SpecError
from dlrun.runs.directory import RunDirectory
from dlrun.runs.ending import Ending
from dlrun.study.sweep.compile import read_plan
from dlrun.training.compile import compile_spec

Spec = Callable[..., Path]

DATA: dict[str, Any] = {
    "source": {"blobs": {"samples": 110, "noise": 2.0}},
    "split": {"validation": 0.2, "folds": 3, "stratify": True},
    "preprocess": ["standardize"],
    "batch_size": 16,
}


def folded(spec: Spec, **keys: Any) -> Path:
    return spec(**{"data": DATA, "early_stopping": {"patience": 2}, **keys})


def test_every_fold_is_a_run_and_the_whole_has_their_mean(spec: Spec, tmp_path: Path) -> None:
    found = dlrun.cross_validate(folded(spec), runs=tmp_path / "runs")
    assert {each.name for each in found.path.iterdir()} == {
        "spec.yaml",
        "resolved.yaml",
        "environment.json",
        "result.json",
        "fold-1",
        "fold-2",
        "fold-3",
    }
    result = json.loads((found.path / "result.json").read_text())
    assert (result["status"], result["reason"]) == ("completed", "all 3 folds are done")
    assert [each["directory"] for each in result["folds"]] == ["fold-1", "fold-2", "fold-3"]
    assert [len(run.metrics["epoch"]) for run in found.folds] == [3, 3, 3]
    assert set(found.scores) == {
        f"{part}.{name}" for part in ("validation", "test") for name in ("loss", "accuracy")
    }
    for name, score in found.scores.items():
        values = [run.result["metrics"][name] for run in found.folds]
        low, high = stats.t.interval(0.95, 2, np.mean(values), stats.sem(values))
        assert (score.mean, score.low, score.high) == pytest.approx((np.mean(values), low, high))
        assert result["metrics"][name] == score.mean
        assert result["intervals"][name] == {"low": score.low, "high": score.high, "n": 3}


def test_a_fold_has_the_bits_of_a_training_of_it_alone(spec: Spec, tmp_path: Path) -> None:
    path = folded(spec)
    found = dlrun.cross_validate(path, {"epochs": 2}, runs=tmp_path / "runs")
    alone = dlrun.train(path, ["epochs=2", "data.split.fold=2"], runs=tmp_path / "alone")
    weights = [run.path / "checkpoints" / "last.safetensors" for run in (found.folds[1], alone)]
    assert weights[0].read_bytes() == weights[1].read_bytes()
    resolved = compile_spec(found.folds[1].path / "resolved.yaml")
    assert resolved.data.test is not None
    assert resolved.experiment.data.split.fold == 2


def test_preprocessing_learns_from_the_training_part_of_each_fold(
    spec: Spec, tmp_path: Path
) -> None:
    path = folded(spec)
    found = dlrun.cross_validate(path, {"epochs": 1}, runs=tmp_path / "runs")
    means = []
    for number, run in enumerate(found.folds, start=1):
        stored = RunDirectory.open(run.path).load_weights("last").arrays["preprocess.0.shift"]
        raw = compile_spec(path, [f"data.split.fold={number}", "data.preprocess=[]"])
        train = np.asarray(raw.data.train.inputs, np.float64)
        np.testing.assert_allclose(stored, train.mean(axis=0), rtol=1e-12)
        means.append(stored.tolist())
    assert len({tuple(each) for each in means}) == 3


def test_the_test_parts_are_all_samples(spec: Spec) -> None:
    path = folded(spec)
    parts = [compile_spec(path, [f"data.split.fold={fold}"]).data.test for fold in (1, 2, 3)]
    assert sum(len(part) for part in parts if part is not None) == 110


def test_a_fold_that_diverges_is_told_and_does_not_count(spec: Spec, tmp_path: Path) -> None:
    path = folded(spec, optimizer={"sgd": {"lr": 1e38}}, early_stopping=None)
    with pytest.raises(DivergedError, match=r"fold 1: .* in epoch 1"):
        dlrun.cross_validate(path, runs=tmp_path / "runs")
    (whole,) = (tmp_path / "runs" / "small").iterdir()
    result = json.loads((whole / "result.json").read_text())
    assert result["status"] == "diverged"
    assert [each["status"] for each in result["folds"]] == ["diverged"] * 3
    assert result["metrics"] == {}


def test_only_completed_folds_are_in_the_mean(spec: Spec, tmp_path: Path) -> None:
    validation = CrossValidation(folded(spec), (), 3, tmp_path / "runs")
    for fold in validation:
        if fold.number == 2:
            fold.training.stop.halted = Ending("pruned")
        for _ in fold.training.events():
            pass
        fold.training.finish(pictures=False)
    scored = validation.finish()
    assert (scored.status, scored.reason) == ("stopped", "fold 2: stopped by the pruner")
    assert len(scored.folds) == 2
    assert {(each.n, each.low, each.high) for each in scored.scores.values()} == {(1, None, None)}


def test_how_many_folds_a_spec_asks_for(spec: Spec, tmp_path: Path) -> None:
    path = folded(spec)
    assert folds_of(path) == 3
    assert folds_of(path, {"data.split.folds": 7}) == 7
    assert folds_of(path, ["data.split.fold=1"]) == 0
    assert folds_of(spec("plain.yaml")) == 0
    assert folds_of(spec("faulty.yaml", data={"source": "digit"})) == 0
    with pytest.raises(SpecError, match="there is no such file"):
        folds_of(tmp_path / "gone.yaml")


def test_folds_where_there_is_one_training(spec: Spec, tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=r"spec\.yaml:\d+:\d+: a training has one fold; set data"):
        dlrun.train(folded(spec), runs=tmp_path / "runs")
    with pytest.raises(InputError, match=r"nothing to cross-validate; set data\.split\.folds"):
        dlrun.cross_validate(spec("plain.yaml"), runs=tmp_path / "runs")
    with pytest.raises(SpecError, match="unknown loss"):
        dlrun.cross_validate(spec("faulty.yaml", loss="x"), runs=tmp_path / "runs")
    sweep = write_sweep(tmp_path, spec={**SPEC, "data": DATA})
    with pytest.raises(SpecError, match="a trial has one fold; set data"):
        read_plan(sweep)
    assert not (tmp_path / "runs").exists()


def test_the_whole_has_no_weights(spec: Spec, tmp_path: Path) -> None:
    found = dlrun.cross_validate(folded(spec), {"epochs": 1}, runs=tmp_path / "runs")
    assert dlrun.Run(found.path).result["status"] == "completed"
    with pytest.raises(
        DataError, match="has no weights of its own; take one of its folds, such as"
    ):
        dlrun.Run(found.path).predict(np.zeros((1, 2)))
    assert found.folds[0].predict(np.zeros((1, 2))).shape == (1, 3)
    assert repr(found) == f"CrossValidated({str(found.path)!r})"
