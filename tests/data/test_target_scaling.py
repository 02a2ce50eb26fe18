"""Targets are scaled for the loss only: predictions and metrics have the original units."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.compose import TransformedTargetRegressor
from sklearn.linear_model import LinearRegression
from sklearn.preprocessing import FunctionTransformer, StandardScaler

import dlrun
from dlrun.api.run import Run
from dlrun.arrays import Array
from dlrun.data.dataset import Dataset
from dlrun.data.target_scaling import TargetScaling
from dlrun.errors import DataError, SpecError
from dlrun.experiment.compile import compile_spec
from dlrun.launch.resume import resume_run
from dlrun.launch.start import start
from dlrun.launch.training import Training
from dlrun.training.events import StepEnded

Spec = Callable[..., Path]
TRANSFORMERS = {
    "standardize": StandardScaler(),
    "log": FunctionTransformer(np.log, np.exp),
}


class Fixed(LinearRegression):  # type: ignore[misc]
    """A regressor with the weights of a trained network, whatever it is fitted to."""

    def __init__(self, weights: Array | None = None, bias: Array | None = None) -> None:
        super().__init__()
        self.weights, self.bias = weights, bias

    def fit(self, x: Array, y: Array) -> Fixed:
        self.seen = y
        return self

    def predict(self, x: Array) -> Array:
        return np.asarray(x @ self.weights + self.bias)


@pytest.fixture
def file(tmp_path: Path) -> tuple[Array, Array]:
    """Positive targets in the thousands, of two outputs of different size."""
    random = np.random.default_rng(1)
    x = random.normal(size=(120, 3))
    y = np.stack([5000 + 300 * x[:, 0], np.exp(x[:, 1])], axis=1)
    np.savez(tmp_path / "numbers.npz", x=x, y=y)
    return x, y


def keys(scaling: str | None, **more: Any) -> dict[str, Any]:
    data = {"source": {"npz": "numbers.npz"}, "split": {"validation": 0.25}}
    content = {
        "data": {**data, "target_scaling": scaling},
        "model": [{"dense": 2}],
        "loss": "mse",
        "metrics": ["mae", "rmse", "r2"],
        "epochs": 3,
    }
    return content | more


def weights(run: Run) -> tuple[Array, Array]:
    named = run._saved_model.network.parameters.named()
    kernel, bias = sorted(named.values(), key=lambda each: -each.ndim)
    return kernel, bias


@pytest.mark.parametrize("scaling", ["standardize", "log"])
def test_predictions_are_those_of_scikit_learn(
    spec: Spec, tmp_path: Path, file: tuple[Array, Array], scaling: str
) -> None:
    x, y = file
    path = spec(**keys(scaling))
    run = dlrun.train(path, runs=tmp_path)
    rows = compile_spec(path).data.rows
    kernel, bias = weights(run)
    model = TransformedTargetRegressor(Fixed(kernel, bias), transformer=TRANSFORMERS[scaling])
    model.fit(x[rows["train"]], y[rows["train"]])
    expected = model.predict(x)
    np.testing.assert_allclose(run.predict(x), expected, rtol=2e-5)
    table = run.predict_file(str(tmp_path / "numbers.npz")).rows
    np.testing.assert_allclose([[float(cell) for cell in row[1:]] for row in table], expected, 2e-5)

    held = rows["validation"]
    errors = expected[held] - y[held]
    scores = run.result["metrics"]
    assert scores["validation.mae"] == pytest.approx(np.abs(errors).mean(), rel=1e-4)
    assert scores["validation.rmse"] == pytest.approx(np.sqrt((errors**2).mean()), rel=1e-4)
    scaled = model.transformer_.transform(y[held]) - (x[held] @ kernel + bias)
    assert scores["validation.loss"] == pytest.approx((scaled**2).mean(), rel=1e-4)
    assert run.evaluate() == scores


def test_scaling_makes_large_targets_learnable(
    spec: Spec, tmp_path: Path, file: tuple[Array, Array]
) -> None:
    fast = {"epochs": 30, "optimizer": {"adam": {"lr": 0.05}}}
    x, y = file
    least = TransformedTargetRegressor(LinearRegression(), transformer=StandardScaler()).fit(x, y)
    expected = least.predict(x)
    for scaling, learned in (("standardize", True), (None, False)):
        run = dlrun.train(spec(**keys(scaling, **fast)), runs=tmp_path)
        close = np.abs(run.predict(x) - expected)[:, 0] < 50
        assert close.all() == learned


@pytest.mark.parametrize("scaling", ["standardize", "log"])
def test_a_resumed_run_is_bit_identical(
    spec: Spec, tmp_path: Path, file: tuple[Array, Array], scaling: str
) -> None:
    path = spec(**keys(scaling, checkpoint={"every": {"steps": 1}, "share": 1.0}))
    whole = dlrun.train(path, runs=tmp_path / "whole")
    with start(path, runs=tmp_path / "parts") as training:
        for event in training.events():
            if isinstance(event, StepEnded) and event.step == 2:
                break
    resumed = resume_run(training.directory.path)
    assert isinstance(resumed, Training)
    with resumed:
        resumed.run()
    for name in ("best", "last"):
        parts = training.directory.checkpoints / f"{name}.safetensors"
        assert parts.read_bytes() == (whole.path / "checkpoints" / parts.name).read_bytes()
    assert training.directory.metrics()["validation.rmse"] == whole.metrics["validation.rmse"]


def test_every_output_is_scaled_by_its_own_moments() -> None:
    targets = np.random.default_rng(0).normal((1, 1000), (2, 0.5), (50, 7, 2))
    targets[..., 1] = 8.0  # a constant
    found = TargetScaling.fit("standardize", Dataset(targets, targets, "regression"))
    flat = targets.reshape(-1, 2)
    expected = StandardScaler().fit_transform(flat).reshape(targets.shape)
    np.testing.assert_allclose(found.scaled(targets), expected, atol=1e-12)
    np.testing.assert_allclose(found.restored(found.scaled(targets)), targets)
    again = TargetScaling.restore("standardize", found.state())
    np.testing.assert_array_equal(again.scaled(targets), found.scaled(targets))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"target": "input"}, "'target_scaling' cannot be combined with target: input"),
        ({"source": "moons"}, "target_scaling needs the targets of a regression"),
        ({"source": {"npz": "negative.npz"}}, "log needs targets above 0, but the training set"),
        ({"split": {"validation": "negative.npz"}}, "but the validation set has -1;"),
    ],
)
def test_what_cannot_be_scaled_is_refused(
    spec: Spec, tmp_path: Path, file: tuple[Array, Array], content: dict[str, Any], words: str
) -> None:
    np.savez(tmp_path / "negative.npz", x=np.ones((20, 3)), y=np.full((20, 2), -1.0))
    given = keys("log")
    given["data"] |= content
    with pytest.raises(SpecError) as caught:
        compile_spec(spec(**given))
    assert words in " ".join(caught.value.faults)


def test_a_file_to_score_needs_positive_targets(
    spec: Spec, tmp_path: Path, file: tuple[Array, Array]
) -> None:
    run = dlrun.train(spec(**keys("log")), runs=tmp_path)
    np.savez(tmp_path / "negative.npz", x=np.ones((20, 3)), y=np.zeros((20, 2)))
    with pytest.raises(DataError, match=r"above 0, but the .*negative\.npz has 0"):
        run.evaluate(str(tmp_path / "negative.npz"))


def test_bounded_outputs_must_reach_scaled_targets(spec: Spec, file: tuple[Array, Array]) -> None:
    bounded = [{"dense": 2}, "tanh"]
    with pytest.raises(SpecError, match=r"lie between -[0-9.]+ and"):
        compile_spec(spec(**keys("standardize", model=bounded)))


def padded(path: Path, pad: float) -> Array:
    """Write series with a positive target for each step, and ``pad`` at padding.

    Returns:
        Which steps are real, (n, 6) bool.
    """
    random = np.random.default_rng(8)
    x = random.normal(size=(60, 6, 1))
    y = np.exp(x) * 3 + 50
    real = np.arange(6) < np.resize([1, 6, 3, 4], 60)[:, None]
    x[~real], y[~real] = 0, pad
    np.savez(path, x=x, y=y)
    return real


STEPS: dict[str, Any] = {
    "data": {"source": {"npz": "padded.npz"}, "split": {"validation": 0.2, "test": 0.2}},
    "model": ["masking", {"gru": {"units": 4, "output": "sequence"}}, {"dense": 1}],
    "loss": "mse",
    "metrics": ["mae", "r2"],
}


@pytest.mark.parametrize("scaling", ["standardize", "log"])
def test_targets_at_padding_can_have_any_value(spec: Spec, tmp_path: Path, scaling: str) -> None:
    given = {**STEPS, "data": {**STEPS["data"], "target_scaling": scaling}}
    found = []
    for pad in (50.0, 0.0, -999.0):
        padded(tmp_path / "padded.npz", pad)
        run = dlrun.train(spec(**given), runs=tmp_path)
        assert run.evaluate() == run.result["metrics"]
        found.append((run.result["metrics"], run.evaluate(str(tmp_path / "padded.npz"))))
    assert found[0] == found[1] == found[2]


def test_statistics_are_those_of_real_steps(spec: Spec, tmp_path: Path) -> None:
    real = padded(tmp_path / "padded.npz", -999.0)
    given = {**STEPS, "data": {**STEPS["data"], "target_scaling": "standardize"}}
    data = compile_spec(spec(**given)).data
    rows = data.rows["train"]
    with np.load(tmp_path / "padded.npz") as file:
        values = file["y"][rows][real[rows]]
    assert data.target_scaling is not None
    np.testing.assert_allclose(data.target_scaling.shift, values.mean(axis=0), rtol=1e-6)
    np.testing.assert_allclose(data.target_scaling.scale, values.std(axis=0), rtol=1e-6)


def test_targets_of_real_steps_are_checked(spec: Spec, tmp_path: Path) -> None:
    padded(tmp_path / "padded.npz", 1.0)
    with np.load(tmp_path / "padded.npz") as file:
        x, y = file["x"], file["y"]
    y[:, 0] = 0
    np.savez(tmp_path / "padded.npz", x=x, y=y)
    path = spec(**{**STEPS, "data": {**STEPS["data"], "target_scaling": "log"}})
    with pytest.raises(SpecError, match="above 0, but the training set has 0"):
        compile_spec(path)
