"""Trainings of every kind of target, from a spec to predictions."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import dlrun
from dlrun.errors import SpecError
from dlrun.experiment.compile import compile_spec

Spec = Callable[..., Path]
random = np.random.default_rng(3)


def columns(run: dlrun.Run) -> set[str]:
    return {name for name in run.metrics if name.startswith("validation.")}


def test_labels(spec: Spec, tmp_path: Path) -> None:
    x = random.normal(size=(300, 4)).astype(np.float32)
    np.savez(tmp_path / "tags.npz", x=x, y=(x[:, :3] > [0.0, 0.5, 1.0]).astype(int))
    path = spec(
        data={"source": {"npz": {"path": "tags.npz", "task": "multi_label"}}},
        loss={"binary_cross_entropy": {"positive_weight": "balanced"}},
        metrics=["accuracy", "f1", {"f1": "micro"}, "roc_auc", "average_precision", "log_loss"],
        early_stopping={"monitor": "validation.f1_macro", "restore_best": True},
        epochs=40,
    )
    run = dlrun.train(path, runs=tmp_path)
    assert run.result["metrics"]["validation.roc_auc"] > 0.97
    assert run.result["metrics"]["validation.f1_macro"] > 0.85
    assert {"validation.f1_macro", "validation.f1_micro"} < columns(run)
    assert run.classes == ("y0", "y1", "y2")
    assert run.predict(x[:5]).shape == (5, 3)
    assert not (run.path / "confusion.csv").exists()


def test_a_class_at_each_time(spec: Spec, tmp_path: Path) -> None:
    x = random.normal(size=(200, 6, 3)).astype(np.float32)
    np.savez(tmp_path / "times.npz", x=x, y=x.argmax(axis=2))
    path = spec(
        data={"source": {"npz": "times.npz"}},
        loss={"cross_entropy": {"weights": "balanced", "label_smoothing": 0.05}},
        metrics=["accuracy", "balanced_accuracy", {"top_k": 2}, "calibration_error"],
        epochs=15,
    )
    run = dlrun.train(path, runs=tmp_path)
    assert run.result["metrics"]["validation.accuracy"] > 0.9
    assert run.predict(x[:5]).shape == (5, 6, 3)
    rows = (run.path / "confusion.csv").read_text().splitlines()[1:]
    counts = np.array([[int(cell) for cell in row.split(",")] for row in rows])
    assert counts.sum() == 40 * 6


@pytest.mark.parametrize("loss", ["mse", "mae", {"huber": 0.5}])
def test_images_as_targets(spec: Spec, tmp_path: Path, loss: object) -> None:
    x = random.uniform(size=(60, 5, 5, 1)).astype(np.float32)
    np.savez(tmp_path / "images.npz", x=x, y=1 - x)
    path = spec(
        data={"source": {"npz": "images.npz"}},
        model=[{"conv": {"filters": 1, "kernel": 1}}],
        loss=loss,
        metrics=["mse", "rmse", "mae", "r2"],
        optimizer={"adam": {"lr": 0.1}},
        epochs=60,
    )
    run = dlrun.train(path, runs=tmp_path)
    assert run.result["metrics"]["validation.r2"] > 0.95
    assert run.predict(x[:3]).shape == (3, 5, 5, 1)


def test_distributions(spec: Spec, tmp_path: Path) -> None:
    x = random.normal(size=(200, 3)).astype(np.float32)
    shares = np.exp(x) / np.exp(x).sum(axis=1, keepdims=True)
    np.savez(tmp_path / "shares.npz", x=x, y=shares)
    path = spec(
        data={"source": {"npz": "shares.npz"}},
        model=[{"dense": 3}],
        loss="kl_divergence",
        metrics=["mae"],
        optimizer={"adam": {"lr": 0.05}},
        epochs=30,
    )
    run = dlrun.train(path, runs=tmp_path)
    assert run.result["metrics"]["validation.loss"] < 1e-3
    np.testing.assert_allclose(run.predict(x[:5]).sum(axis=1), 1, rtol=1e-5)


def test_the_input_of_a_table(spec: Spec, tmp_path: Path) -> None:
    rows = "".join(f"{n},{2 * n},{'ab'[n % 2]}\n" for n in range(60))
    (tmp_path / "t.csv").write_text("u,v,y\n" + rows)
    data = {
        "source": {"csv": {"path": "t.csv", "target": "y"}},
        "target": "input",
        "split": {"validation": 0.2, "stratify": True},
        "preprocess": ["standardize"],
    }
    path = spec(
        data=data,
        model=[{"dense": 1}, {"dense": "${features}"}],
        loss="mse",
        metrics=["r2"],
        epochs=60,
    )
    run = dlrun.train(path, runs=tmp_path)
    assert run.result["metrics"]["validation.r2"] > 0.99  # one number is all there is to know
    assert run.predict(np.ones((2, 2))).shape == (2, 2)


def test_an_autoencoder_has_no_classes(spec: Spec) -> None:
    path = spec(data={"source": "iris", "target": "input"}, metrics=["accuracy"])
    with pytest.raises(SpecError) as caught:
        compile_spec(path)
    assert any("which has no classes" in error for error in caught.value.errors)
    assert all("regression" in error or "is a number" in error for error in caught.value.errors)


@pytest.mark.parametrize(
    ("loss", "outputs"),
    [
        ("focal", 2),
        ({"focal": {"alpha": "balanced"}}, 2),
        ("hinge", 2),
        ({"hinge": {"squared": True}}, 2),
        ("binary_focal", 1),
        ("binary_hinge", 1),
        ({"binary_cross_entropy": "balanced"}, 1),
        ({"cross_entropy": {"weights": [1, 3], "label_smoothing": 0.1}}, 2),
    ],
)
def test_every_loss_learns_two_classes(
    spec: Spec, tmp_path: Path, loss: object, outputs: int
) -> None:
    path = spec(
        data={"source": {"moons": {"samples": 300, "noise": 0.1}}},
        model=[{"dense": 16}, "tanh", {"dense": outputs}],
        loss=loss,
        metrics=["accuracy", "roc_auc", {"f1": "binary"}],
        optimizer={"adam": {"lr": 0.03}},
        epochs=25,
    )
    found = dlrun.train(path, runs=tmp_path).result["metrics"]
    assert found["validation.accuracy"] > 0.9
    assert found["validation.roc_auc"] > 0.95
    assert found["validation.f1"] > 0.9
