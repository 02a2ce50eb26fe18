from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats
from sweeps import SPEC, write_sweep

import dlrun
from dlrun.collection.differing import differing
from dlrun.cross_validation.place import New
from dlrun.cross_validation.requested import folds_of
from dlrun.cross_validation.validation import CrossValidation
from dlrun.errors import DataError, DivergedError, InputError, SpecError
from dlrun.experiment.compile import compile_spec
from dlrun.run_directory.directory import RunDirectory
from dlrun.run_directory.ending import Ending
from dlrun.study.sweep.compile import read_plan

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
        assert score.mean == pytest.approx(np.mean(values))
        # Near the ends of the range, 0 and of an accuracy 1, the interval is longer than Student's.
        top = 1.0 if name.endswith("accuracy") else np.inf
        assert score.low is not None and 0.0 <= score.low <= max(0.0, low) + 1e-12
        assert score.high is not None and min(high, top) - 1e-12 <= score.high <= top
        assert result["metrics"][name] == score.mean
        assert result["intervals"][name] == {"low": score.low, "high": score.high, "n": 3}


@pytest.mark.slow
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
    with CrossValidation(folded(spec), (), 3, New(tmp_path / "runs")) as validation:
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
    with pytest.raises(SpecError, match="no such file"):
        folds_of(tmp_path / "gone.yaml")


def test_folds_where_there_is_one_training(spec: Spec, tmp_path: Path) -> None:
    with pytest.raises(SpecError, match=r"spec\.yaml:\d+:\d+: a training has one fold; set data"):
        dlrun.train(folded(spec), runs=tmp_path / "runs")
    with pytest.raises(InputError, match=r"nothing to cross-validate; set data\.split\.folds"):
        dlrun.cross_validate(spec("plain.yaml"), runs=tmp_path / "runs")
    with pytest.raises(SpecError, match="unknown loss"):
        dlrun.cross_validate(spec("faulty.yaml", loss="x"), runs=tmp_path / "runs")
    sweep = write_sweep(tmp_path, spec={**SPEC, "data": DATA})
    with pytest.raises(SpecError, match="a trial trains a single fold; set data"):
        read_plan(sweep)
    assert not (tmp_path / "runs").exists()


def test_the_whole_has_no_weights(spec: Spec, tmp_path: Path) -> None:
    found = dlrun.cross_validate(folded(spec), {"epochs": 1}, runs=tmp_path / "runs")
    assert dlrun.Run(found.path).result["status"] == "completed"
    message = (
        f"{found.path}: a cross-validation, not one training; name one of its folds, such as "
        f"{found.path / 'fold-1'}"
    )
    one_training: list[Callable[[], object]] = [
        lambda: dlrun.Run(found.path).predict(np.zeros((1, 2))),
        lambda: dlrun.verify(found.path),
        lambda: dlrun.diff(found.path, found.path),
        lambda: dlrun.archive(found.path, tmp_path / "a.zip"),
        lambda: dlrun.resume(found.path),
        lambda: next(iter(dlrun.watch(found.path))),
    ]
    for command in one_training:
        with pytest.raises(DataError) as caught:
            command()
        assert str(caught.value) == message
    (found.path / "result.json").unlink()  # as if it had been killed
    with pytest.raises(DataError) as caught:
        dlrun.diff(found.folds[0].path, found.path)
    assert str(caught.value) == message
    assert dlrun.diff(found.folds[0].path, found.folds[0].path).same
    assert found.folds[0].predict(np.zeros((1, 2))).shape == (1, 3)
    assert repr(found) == f"CrossValidated({str(found.path)!r})"


@pytest.mark.slow
def test_it_is_what_the_command_prints_and_a_spec_may_be_a_mapping(
    spec: Spec, command: Callable[..., str], tmp_path: Path
) -> None:
    path = folded(spec, epochs=1)
    found = dlrun.cross_validate(json.loads(path.read_text()), runs=tmp_path / "here")
    last = json.loads(command("train", path, "--json").splitlines()[-1])
    assert last["event"] == "folds_ended"
    assert last["metrics"] == {name: score.mean for name, score in found.scores.items()}


def test_resuming_does_not_replace_the_folds(spec: Spec, tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    found = dlrun.cross_validate(folded(spec), {"epochs": 1}, runs=runs)
    before = {path: path.read_bytes() for path in found.path.rglob("*") if path.is_file()}
    for overrides in ({}, {"data.split.fold": 1}):
        with pytest.raises(InputError, match=r"a cross-validation, .* one of its folds, such as"):
            dlrun.resume(found.path, overrides, allow_changes=True)
    with pytest.raises(SpecError, match="a training has one fold; set data"):
        dlrun.train(folded(spec), {"epochs": 1}, runs=runs, resume=True, allow_changes=True)
    after = {path: path.read_bytes() for path in found.path.rglob("*") if path.is_file()}
    assert after == before


def test_python_resumes_all_folds(spec: Spec, tmp_path: Path) -> None:
    path, runs = folded(spec, early_stopping=None), tmp_path / "runs"
    short = {"epochs": 1, "max_time": 0.001}
    first = dlrun.cross_validate(path, short, runs=runs, resume=True)
    assert (first.scores, len(first.folds)) == ({}, 1)
    found = dlrun.cross_validate(path, {"epochs": 2}, runs=runs, resume=True)
    assert found.path == first.path
    assert [len(run.metrics["epoch"]) for run in found.folds] == [2, 2, 2]
    again = dlrun.cross_validate(path, {"epochs": 2}, runs=runs, resume=True)
    assert (again.path, again.scores) == (found.path, found.scores)
    with pytest.raises(InputError, match="seed was 3, now 4"):
        dlrun.resume(found.folds[0].path, {"seed": 4})
    assert dlrun.cross_validate(path, {"epochs": 2}, runs=runs).path != found.path


def test_the_time_limit_is_that_of_all_folds_of_a_process(
    spec: Spec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, clock = folded(spec, early_stopping=None, max_time="1h"), time.monotonic
    with CrossValidation(path, (), 3, New(tmp_path / "runs")) as validation:
        for fold in validation:
            with fold.training as training:
                training.run()
            late = 2000.0 * fold.number  # of one hour
            monkeypatch.setattr(time, "monotonic", lambda late=late: clock() + late)
        scored = validation.finish()
    assert [fold.status for fold in scored.folds] == ["completed", "completed", "stopped"]
    assert scored.reason == "fold 3: max_time of 3600 s is over"


def test_what_folds_and_the_whole_have_in_common_is_no_difference(
    spec: Spec, tmp_path: Path
) -> None:
    found = dlrun.cross_validate(folded(spec), {"epochs": 1}, runs=tmp_path / "runs")
    compared = dlrun.compare(found.path, found.folds[0].path)
    assert not {each.key for each in compared.environment} & {"kernels", "plugins"}
    folds = dlrun.runs(found.path)
    assert differing(folds) == []
    assert differing([*folds, *dlrun.runs(tmp_path / "runs")]) == []  # ``fold`` says which it is
    dlrun.train(folded(spec), {"epochs": 1, "data.split.fold": 2}, runs=tmp_path / "alone")
    assert differing([*folds, *dlrun.runs(tmp_path / "alone")]) == ["data.split.fold"]
