"""Trainings whose targets are steps, some of which are padding."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import dlrun
from dlrun.data.batches.order import epoch_order
from dlrun.errors import DataError, SpecError
from dlrun.experiment.compile import compile_spec
from dlrun.inference.epoch_scores import Scores
from dlrun.nn.losses.cross_entropy import CrossEntropy
from dlrun.training.events import EpochEnded
from dlrun.training.initial_network import initial_network
from dlrun.training.session import Session
from dlrun.training.stop import Stop

Spec = Callable[..., Path]

TIME = 9

STEPS: dict[str, Any] = {
    "data": {
        "source": {"npz": "steps.npz"},
        "split": {"validation": 0.25},
        "batch_size": 8,
    },
    "model": [{"embedding": {"units": 5, "tokens": 7, "padding": 0}}, {"dense": 3}],
    "loss": "cross_entropy",
    "metrics": ["accuracy", "balanced_accuracy", "roc_auc", {"top_k": 2}],
    "optimizer": {"sgd": {"lr": 0.5}},
    "epochs": 2,
}


@pytest.fixture(autouse=True)
def steps(tmp_path: Path) -> None:
    """A class at each step of texts of 1 to 9 tokens; class 0 at all padding."""
    draw = np.random.default_rng(0)
    tokens = draw.integers(1, 7, (80, TIME))
    tokens[np.arange(TIME) >= draw.integers(1, TIME + 1, 80)[:, None]] = 0
    np.savez(tmp_path / "steps.npz", x=tokens, y=(tokens + draw.integers(0, 2, (80, TIME))) % 3)


def trained(path: Path) -> Session:
    session = Session(compile_spec(path))
    for _ in session.run(Stop()):
        pass
    return session


def test_loss_and_metrics_are_those_of_valid_steps(spec: Spec, tmp_path: Path) -> None:
    run = dlrun.train(spec(**STEPS), runs=tmp_path)
    data = compile_spec(spec(**STEPS)).data.validation
    assert data is not None
    x, y = np.asarray(data.inputs), np.asarray(data.targets)
    said = run.predict(x)[x > 0].astype(np.float64)
    true = y[x > 0]
    found = run.result["metrics"]
    loss = -np.log(said[np.arange(len(true)), true]).mean()
    assert found["validation.loss"] == pytest.approx(loss, rel=1e-5)
    assert found["validation.accuracy"] == pytest.approx((said.argmax(1) == true).mean())
    recalls = [(said.argmax(1) == code)[true == code].mean() for code in range(3)]
    assert found["validation.balanced_accuracy"] == pytest.approx(np.mean(recalls))
    assert run.evaluate() == found
    rows = (run.path / "confusion.csv").read_text().splitlines()[1:]
    assert sum(int(cell) for row in rows for cell in row.split(",")) == len(true)


def test_cells_of_padded_steps_are_empty_in_tables(spec: Spec, tmp_path: Path) -> None:
    run = dlrun.train(spec(**STEPS), runs=tmp_path)
    tokens = np.array([[1, 2, 3, 0, 0, 0, 0, 0, 0], [6] * TIME])
    np.savez(tmp_path / "new.npz", x=tokens)
    table = dlrun.predict(run, tmp_path / "new.npz")
    header = [f"prediction.{step}" for step in range(TIME)]
    header += [f"probability.{step}.{name}" for step in range(TIME) for name in "012"]
    assert table.header == ("sample", *header)
    probabilities = run.predict(tokens)
    for number, real in ((0, 3), (1, TIME)):
        row = table.rows[number][1:]
        said = [*map(str, probabilities[number].argmax(axis=1)[:real])]
        assert [*row[:TIME]] == said + [""] * (TIME - real)
        values = [str(value) for value in probabilities[number].reshape(-1)[: 3 * real]]
        assert [*row[TIME:]] == values + [""] * 3 * (TIME - real)


def test_values_of_padded_steps_are_empty_in_tables(spec: Spec, tmp_path: Path) -> None:
    targets = np.random.default_rng(0).normal(size=(80, TIME, 2))
    np.savez(tmp_path / "steps.npz", x=np.load(tmp_path / "steps.npz")["x"], y=targets)
    keys = {"model": [STEPS["model"][0], {"dense": 2}], "loss": "mse", "metrics": []}
    run = dlrun.train(spec(**{**STEPS, **keys}), runs=tmp_path)
    np.savez(tmp_path / "new.npz", x=np.array([[5, 4, 0, 0, 0, 0, 0, 0, 0]]))
    (row,) = dlrun.predict(run, tmp_path / "new.npz").rows
    assert [cell != "" for cell in row[1:]] == [True] * 4 + [False] * 2 * (TIME - 2)


def test_accumulated_batches_count_by_their_valid_steps(spec: Spec) -> None:
    """Three batches whose gradients add up are one, however unequal their texts are."""
    one = {**STEPS, "data": {**STEPS["data"], "batch_size": 24}}
    small, large = trained(spec(**STEPS, accumulate=3)), trained(spec(**one))
    np.testing.assert_allclose(small.last, large.last, rtol=1e-5, atol=1e-6)


def test_statistics_of_an_average_count_by_valid_steps(spec: Spec) -> None:
    model = [STEPS["model"][0], {"batch_norm": {"momentum": 0.3}}, STEPS["model"][1]]
    data = {**STEPS["data"], "batch_size": 2}
    session = trained(spec(**{**STEPS, "model": model, "data": data}, average={"swa": 1}, seed=6))
    named = session.named(session.last)
    x = np.asarray(session.compiled.data.train.inputs).astype(int)
    hidden = named["embedding_1.table"].astype(np.float64)[x]
    steps = [hidden[rows][x[rows] > 0] for rows in np.split(epoch_order(len(x), 6, 0), len(x) // 2)]
    steps = [each for each in steps if len(each) > 1]
    sizes = [len(each) for each in steps]
    means = np.average([each.mean(axis=0) for each in steps], axis=0, weights=sizes)
    variances = np.average([each.var(axis=0, ddof=1) for each in steps], axis=0, weights=sizes)
    np.testing.assert_allclose(named["batch_norm_1.mean"], means, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(named["batch_norm_1.variance"], variances, rtol=1e-4)


def test_the_loss_of_an_epoch_is_the_mean_over_its_valid_steps(spec: Spec) -> None:
    """Where nothing is learned, every epoch has the loss of the whole training set."""
    keys = {**STEPS, "optimizer": {"sgd": {"lr": 1e-30}}, "epochs": 1}
    session = Session(compile_spec(spec(**keys)))
    row = next(event.row for event in session.run(Stop()) if isinstance(event, EpochEnded))
    train = session.compiled.data.train
    x, y = np.asarray(train.inputs), np.asarray(train.targets)
    said = session.network.predict(x)[x > 0].astype(np.float64)
    loss = -np.log(said[np.arange(len(said)), y[x > 0]]).mean()
    assert row["train.loss"] == pytest.approx(loss, rel=1e-5)
    assert row["train.accuracy"] == pytest.approx((said.argmax(1) == y[x > 0]).mean())


def test_threads_change_no_bit(spec: Spec, monkeypatch: pytest.MonkeyPatch) -> None:
    model = [
        {"embedding": {"units": 64, "tokens": 7, "padding": 0}},
        *({"conv": 64}, "batch_norm", "relu", {"gru": {"units": 32, "output": "sequence"}}),
        {"dense": 3},
    ]
    found = set()
    for threads in ("1", "3"):
        monkeypatch.setenv("DLRUN_THREADS", threads)
        found.add(trained(spec(**STEPS | {"model": model, "epochs": 1})).last.tobytes())
    assert len(found) == 1


def test_regression_at_every_step(spec: Spec, tmp_path: Path) -> None:
    draw = np.random.default_rng(1)
    x = draw.normal(size=(60, TIME, 2))
    x[np.arange(TIME) >= draw.integers(1, TIME + 1, 60)[:, None]] = 0
    np.savez(tmp_path / "numbers.npz", x=x, y=x[..., :1] * 2 + 100 * (x[..., :1] == 0))
    keys = STEPS | {
        "data": {"source": {"npz": "numbers.npz"}, "split": {"validation": 0.3}},
        "model": ["masking", {"dense": 1}],
        "loss": "mse",
        "metrics": ["mae", "r2", "rmse"],
        "epochs": 30,
    }
    run = dlrun.train(spec(**keys), runs=tmp_path)
    data = compile_spec(spec(**keys)).data.validation
    assert data is not None
    inputs, targets = np.asarray(data.inputs), np.asarray(data.targets)
    valid = inputs.any(axis=2)
    error = (run.predict(inputs) - targets)[valid].astype(np.float64)
    found = run.result["metrics"]
    assert found["validation.loss"] == pytest.approx(np.square(error).mean(), rel=1e-4)
    assert found["validation.mae"] == pytest.approx(np.abs(error).mean(), rel=1e-4)
    r2 = 1 - np.square(error).sum() / np.square(targets[valid] - targets[valid].mean()).sum()
    assert found["validation.r2"] == pytest.approx(r2, abs=1e-5)
    assert r2 > 0.9  # the 100 at padding is not learned


def test_balanced_weights_count_valid_steps(spec: Spec) -> None:
    compiled = compile_spec(spec(**STEPS | {"loss": {"cross_entropy": {"weights": "balanced"}}}))
    loss = initial_network(compiled).loss
    assert isinstance(loss, CrossEntropy)
    train = compiled.data.train
    valid = np.asarray(train.targets)[np.asarray(train.inputs) > 0]
    expected = len(valid) / (3 * np.bincount(valid, minlength=3))
    np.testing.assert_allclose(loss.weights, expected)


def test_scores_of_half_an_epoch_come_back(spec: Spec) -> None:
    compiled = compile_spec(spec(**STEPS))
    draw = np.random.default_rng(2)
    mask = (draw.random((8, TIME)) < 0.5).astype(np.float32)
    steps = [(draw.normal(size=(8, TIME, 3)), draw.integers(0, 3, (8, TIME))) for _ in range(4)]
    experiment = compiled.experiment
    make = [
        Scores(experiment.loss, experiment.metrics, "classification", *steps[0], mask)
        for _ in range(2)
    ]
    for number, each in enumerate(steps):
        make[0].add(1.0 + number, *each, mask)
    for number, each in enumerate(steps[:2]):
        make[1].add(1.0 + number, *each, mask)
    again = Scores(experiment.loss, experiment.metrics, "classification", *steps[0], mask)
    again.restore({name: np.array(value) for name, value in make[1].state().items()})
    for number, each in enumerate(steps[2:], start=2):
        again.add(1.0 + number, *each, mask)
    assert again.values() == make[0].values()


def test_a_set_of_padding_alone_has_no_loss(spec: Spec, tmp_path: Path) -> None:
    np.savez(tmp_path / "steps.npz", x=np.zeros((40, 4)), y=np.arange(160).reshape(40, 4) % 3)
    with pytest.raises(DataError, match="all steps of all samples are padding"):
        dlrun.train(spec(**STEPS), runs=tmp_path)


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        (
            {"model": [STEPS["model"][0], {"permute": [1, 0]}, "relu"]},
            r"still has padding steps along its axis 1.*mean_over_time",
        ),
        (
            {
                "data": {"source": {"npz": "whole.npz"}},
                "model": ["masking", {"dense": 1}],
                "loss": "mse",
                "metrics": [],
            },
            r"output \(9, 1\) still has padding steps along its axis 0",
        ),
        (
            {"model": [STEPS["model"][0], {"group_norm": 1}, {"dense": 3}]},
            "group_norm would mix padding with valid steps; use layer_norm",
        ),
    ],
)
def test_faults(spec: Spec, tmp_path: Path, keys: dict[str, Any], words: str) -> None:
    np.savez(tmp_path / "whole.npz", x=np.ones((40, TIME, 2)), y=np.arange(40.0))
    with pytest.raises(SpecError, match=rf"spec.yaml:\d+:\d+: .*{words}"):
        compile_spec(spec(**STEPS | keys))
