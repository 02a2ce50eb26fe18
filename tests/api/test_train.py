from __future__ import annotations

import copy
import json
import math
import multiprocessing
import os
import pickle
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Event, Thread
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_iris

import dlrun
from dlrun.errors import DataError, DivergedError, SpecError
from dlrun.launch.start import start
from dlrun.pictures import plots

Spec = Callable[..., Path]

IRIS = {"source": "iris", "split": {"validation": 0.2}, "preprocess": ["standardize"]}


@pytest.fixture
def iris(spec: Spec, tmp_path: Path) -> dlrun.Run:
    path = spec(data=IRIS, early_stopping={"patience": 20}, epochs=30)
    return dlrun.train(path, runs=tmp_path / "runs")


def test_train_tells_how_it_went(iris: dlrun.Run) -> None:
    assert iris.result["status"] == "completed"
    assert len(iris.metrics["validation.loss"]) == iris.result["epochs"] == 30
    best = iris.metrics["validation.loss"][iris.result["best_epoch"] - 1]
    assert best == min(iris.metrics["validation.loss"])
    assert iris.result["metrics"]["validation.loss"] == best
    assert iris.classes == tuple(load_iris().target_names)
    assert repr(iris).startswith(f"Run({str(iris.path)!r}: done, 30/30 epochs, validation.loss ")


def test_predictions_are_of_raw_samples(iris: dlrun.Run) -> None:
    samples, answers = load_iris(return_X_y=True)
    probabilities = iris.predict(samples)
    assert probabilities.shape == (150, 3)
    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0, rtol=1e-5)
    assert (probabilities.argmax(axis=1) == answers).mean() > 0.9


def test_a_reopened_run_predicts_the_same(iris: dlrun.Run) -> None:
    samples = load_iris().data
    again = dlrun.Run(str(iris.path))
    assert again.predict(samples).tobytes() == iris.predict(samples).tobytes()
    assert (again.classes, again.result, again.metrics) == (iris.classes, iris.result, iris.metrics)
    # One at a time or all at once.
    np.testing.assert_allclose(again.predict(samples[:1]), again.predict(samples)[:1], rtol=1e-5)


def test_overrides_are_a_mapping_or_words(spec: Spec, tmp_path: Path) -> None:
    path = spec()
    for overrides in (
        {"optimizer.adam.lr": 0.5, "epochs": 1},
        ["optimizer.adam.lr=0.5", "epochs=1"],
    ):
        run = dlrun.train(path, overrides, runs=tmp_path / "runs")
        assert run.metrics["lr"] == [0.5]
    assert len({each.path for each in map(dlrun.Run, (tmp_path / "runs/small").iterdir())}) == 2


def test_a_training_goes_on(spec: Spec, tmp_path: Path) -> None:
    path, runs = spec(), tmp_path / "runs"
    stopped = dlrun.train(path, {"max_time": 1e-9}, runs=runs, resume=True)
    assert stopped.result["status"] == "stopped"
    for _ in range(2):
        ended = dlrun.train(path, runs=runs, resume=True)
        assert (ended.path, ended.result["status"]) == (stopped.path, "completed")
    whole = dlrun.train(path, runs=runs)
    assert whole.path != ended.path
    assert whole.metrics["train.loss"] == ended.metrics["train.loss"]


def test_training_is_silent(spec: Spec, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    dlrun.train(spec(), runs=tmp_path / "runs")
    assert capfd.readouterr() == ("", "")


def test_faults_are_raised_all_at_once(spec: Spec, tmp_path: Path) -> None:
    with pytest.raises(SpecError) as caught:
        dlrun.train(spec(epochs=0, loss="mse_"), runs=tmp_path / "runs")
    assert len(caught.value.faults) == 2
    assert not (tmp_path / "runs").exists()


def test_a_divergence_is_raised_behind_a_complete_run(spec: Spec, tmp_path: Path) -> None:
    with pytest.raises(DivergedError, match="and the loss nan in epoch 1, step ") as caught:
        dlrun.train(spec(optimizer={"sgd": {"lr": 1e38}}), runs=tmp_path / "runs")
    run = dlrun.Run(str(caught.value).partition(": ")[0])
    assert run.result["status"] == "diverged"
    assert run.result["metrics"]["validation.loss"] is None


@pytest.mark.usefixtures("pictures")
def test_pictures_that_cannot_be_drawn_are_a_warning(
    spec: Spec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("no font")

    monkeypatch.setattr(plots, "draw", fail)
    with start(spec(), runs=tmp_path / "runs") as training:
        for _ in training.events():
            assert not training.directory.result_file.exists()
        (warning,) = training.finish()
    assert warning.endswith("plots: nothing was drawn: no font")
    assert training.directory.status == "completed"


def test_a_folder_that_is_no_run(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such run directory"):
        dlrun.Run(tmp_path / "gone")
    with pytest.raises(DataError, match="not a run directory"):
        dlrun.Run(tmp_path)


def test_an_unfinished_run_has_no_result_and_no_predictions(iris: dlrun.Run) -> None:
    (iris.path / "result.json").unlink()
    run = dlrun.Run(iris.path)
    for ask in (lambda: run.result, lambda: run.predict(np.zeros((1, 4)))):
        with pytest.raises(DataError, match="the run is unfinished"):
            ask()
    assert math.isfinite(run.metrics["train.loss"][0])


@pytest.mark.parametrize(
    ("file", "content", "words"),
    [
        ("checkpoints/best.safetensors", None, r"best\.safetensors: no such file"),
        ("checkpoints/best.safetensors", b"x", "the file is broken or was changed"),
        ("checkpoints/manifest.json", None, r"manifest\.json: no such file"),
        ("checkpoints/manifest.json", b"{", "not JSON"),
        ("resolved.yaml", None, r"resolved\.yaml"),
        ("resolved.yaml", b"name: [", r"resolved\.yaml:\d+:"),
        ("result.json", b"[]", "expected a JSON object"),
        ("result.json", b"{}", r"result\.json"),
        (
            "result.json",
            b'{"status": "completed", "reason": "", "seconds": 1, "epochs": 1, "best_epoch": 1, '
            b'"weights": "../../x", "metrics": {}}',
            r"result\.json: 'weights' must be best or last",
        ),
    ],
)
def test_what_is_broken_is_named_in_a_line(
    iris: dlrun.Run, file: str, content: bytes | None, words: str
) -> None:
    if content is None:
        (iris.path / file).unlink()
    else:
        (iris.path / file).write_bytes(content)
    with pytest.raises((DataError, SpecError), match=words) as caught:
        dlrun.Run(iris.path).predict(np.zeros((1, 4)))
    assert len(caught.value.lines()) == 1
    assert "\n" not in str(caught.value)


def test_wrong_samples(iris: dlrun.Run) -> None:
    with pytest.raises(DataError, match=r"predict takes samples of \(4,\).*got \(3, 5\)"):
        iris.predict(np.zeros((3, 5)))
    with pytest.raises(DataError, match=r"predict needs numbers"):
        iris.predict(np.array([["a", "b", "c", "d"]]))
    assert iris.predict(np.zeros((0, 4))).shape == (0, 3)
    assert iris.predict([[5.1, 3.5, 1.4, 0.2]]).shape == (1, 3)


def test_a_run_stays_the_same_wherever_the_process_goes(
    iris: dlrun.Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = iris.predict(np.ones((2, 4)))
    monkeypatch.chdir(iris.path.parent)
    run = dlrun.Run(iris.path.name)
    monkeypatch.chdir(tmp_path)
    assert run.result["status"] == "completed"
    assert run.predict(np.ones((2, 4))).tobytes() == expected.tobytes()


def test_a_run_can_be_moved(iris: dlrun.Run, tmp_path: Path) -> None:
    expected = iris.predict(np.ones((2, 4)))
    moved = iris.path.rename(tmp_path / "moved")
    assert dlrun.Run(moved).predict(np.ones((2, 4))).tobytes() == expected.tobytes()


def test_the_record_says_what_was_run(iris: dlrun.Run) -> None:
    environment = json.loads((iris.path / "environment.json").read_text())
    assert environment["packages"]["dlrun"] == dlrun.__version__
    assert re.fullmatch(r"[0-9a-f]{64}\+[0-9a-f]{32}", environment["data"])


WIDE: dict[str, Any] = {
    "data": {"source": {"blobs": {"samples": 300}}, "split": {"validation": 0.2}},
    "model": [{"dense": 600}, "relu", {"dense": 300}, "relu", {"dense": "${classes}"}],
    "epochs": 1,
}
"""Layers that are cut into pieces for several threads."""


@pytest.fixture
def wide(spec: Spec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dlrun.Run:
    monkeypatch.setenv("DLRUN_THREADS", "3")
    return dlrun.train(spec(**WIDE), runs=tmp_path / "runs")


SAMPLES = np.random.default_rng(0).normal(size=(8, 64, 2)).astype(np.float32)


def test_threads_that_predict_at_the_same_time_get_their_own_answers(wide: dlrun.Run) -> None:
    expected = [wide.predict(samples).tobytes() for samples in SAMPLES]
    assert len(set(expected)) == len(SAMPLES)
    start = Barrier(4)

    def ask(first: int) -> list[bytes]:
        start.wait(20)
        turn = [(first + number) % 8 for number in range(24)]
        return [b for n in turn for b in (wide.predict(SAMPLES[n]).tobytes(),) if b != expected[n]]

    with ThreadPoolExecutor(4) as threads:
        assert not any(threads.map(ask, range(4)))


def test_threads_train_and_evaluate_at_the_same_time(
    wide: dlrun.Run, spec: Spec, tmp_path: Path
) -> None:
    path, scores = spec(**WIDE), wide.evaluate()

    def work(number: int) -> object:
        if number % 2:
            return wide.evaluate()
        return dlrun.train(path, runs=tmp_path / f"runs-{number}").result["metrics"]

    with ThreadPoolExecutor(4) as threads:
        for found in threads.map(work, range(6)):
            assert found == scores == wide.result["metrics"]


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing forks here")
def test_a_forked_child_predicts_and_trains_also_while_its_parent_does(
    wide: dlrun.Run, spec: Spec, tmp_path: Path
) -> None:
    path, expected = spec(**WIDE), wide.predict(SAMPLES[0]).tobytes()
    over = Event()

    def child(number: int) -> None:
        right = wide.predict(SAMPLES[0]).tobytes() == expected
        again = dlrun.train(path, runs=tmp_path / f"runs-{number}")
        os._exit(0 if right and again.result["metrics"] == wide.result["metrics"] else 1)

    def busy() -> None:
        while not over.is_set():
            dlrun.train(path, runs=tmp_path / "busy")
            wide.predict(SAMPLES[1])

    parent = Thread(target=busy)
    parent.start()
    try:
        fork = multiprocessing.get_context("fork").Process
        children = [fork(target=child, args=(number,)) for number in range(4)]
        for process in children:
            process.start()
        for process in children:
            process.join(120)
        assert [process.exitcode for process in children] == [0] * 4
    finally:
        over.set()
        parent.join(60)


def test_a_run_can_be_copied_and_pickled(
    iris: dlrun.Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    expected = iris.predict(np.ones((2, 4)))
    monkeypatch.chdir(iris.path.parent)
    run = dlrun.Run(iris.path.name)
    run.predict(np.ones((2, 4)))
    copies = [copy.copy(run), copy.deepcopy(run), pickle.loads(pickle.dumps(run))]
    monkeypatch.chdir(tmp_path)
    for each in copies:
        assert each.result == iris.result
        assert each.predict(np.ones((2, 4))).tobytes() == expected.tobytes()
