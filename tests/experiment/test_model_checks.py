"""Specs whose network cannot learn what it is to, and what is only worth saying."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import dlrun
from dlrun.errors import SpecError
from dlrun.experiment.compile import compile_spec
from dlrun.run_directory.directory import RunDirectory

Spec = Callable[..., Path]

NUMBERS = {"source": "diabetes", "split": {"validation": 0.2}}
TWO = {"source": "breast_cancer", "split": {"validation": 0.2}, "preprocess": ["standardize"]}


def faults(path: Path) -> list[str]:
    with pytest.raises(SpecError) as caught:
        compile_spec(path)
    return [fault.removeprefix(f"{path}:") for fault in caught.value.faults]


def notes(path: Path) -> list[str]:
    return [note.removeprefix(f"{path}:") for note in compile_spec(path).notes]


CLASSES = [{"dense": 3}]
ONE = [{"dense": 1}]


@pytest.mark.parametrize(
    ("model", "keys", "says"),
    [
        ([*CLASSES, "softmax"], {}, "'softmax' as the last layer keeps outputs between 0 and 1"),
        ([*CLASSES, "softmax"], {"loss": "focal"}, "focal applies the softmax"),
        ([*CLASSES, "tanh", {"dropout": 0.1}], {}, "'tanh' as the last layer"),
        ([*CLASSES, "sigmoid", {"reshape": [3]}], {}, "between 0 and 1, but cross_entropy applies"),
        ([*CLASSES, "sigmoid"], {"loss": "hinge"}, "lead by the margin of 1; remove it"),
        (
            [{"reshape": [1, 2]}, {"lstm": 3}],
            {},
            "'lstm' as the last layer keeps outputs between -1 and 1, but cross_entropy applies "
            "the softmax to the outputs itself; add a dense layer after it",
        ),
        (
            [*ONE, "sigmoid"],
            {"data": TWO, "loss": "binary_cross_entropy"},
            "binary_cross_entropy applies the sigmoid to the outputs itself; remove it",
        ),
        (
            [*ONE, "relu"],
            {"data": TWO, "loss": "binary_focal"},
            "keeps outputs at 0 or above, but binary_focal applies the sigmoid",
        ),
        (
            [*ONE, "sigmoid"],
            {"data": TWO, "loss": "binary_hinge"},
            "outputs must be able to reach -1 and 1; remove it",
        ),
        (
            [*ONE, "tanh"],
            {"data": NUMBERS, "loss": "mse", "metrics": []},
            "keeps outputs between -1 and 1, but targets of the training set lie between 25 and",
        ),
    ],
)
def test_a_last_layer_that_keeps_the_loss_from_its_work_is_a_fault(
    spec: Spec, model: list[object], keys: dict[str, object], says: str
) -> None:
    (fault,) = faults(spec(model=model, **keys))
    assert says in fault


def test_the_fault_is_where_the_layer_is(spec: Spec) -> None:
    path = spec(model=[*CLASSES, "softmax"])
    line = 1 + path.read_text().splitlines().index('    "softmax"')
    (fault,) = faults(path)
    assert fault.startswith(f"{line}:5: 'softmax'")


@pytest.mark.parametrize(
    ("model", "keys"),
    [
        ([{"dense": 4}, "softmax", *CLASSES], {}),
        ([*CLASSES, {"leaky_relu": 0.1}], {}),
        ([*ONE, "tanh"], {"data": TWO, "loss": "binary_hinge"}),
        ([*ONE, "softplus"], {"data": NUMBERS, "loss": "mse", "metrics": []}),
        ([{"residual": [{"dense": 2}, "softmax"]}, *CLASSES], {}),
    ],
)
def test_other_last_layers_are_nothing_to_speak_of(
    spec: Spec, model: list[object], keys: dict[str, object]
) -> None:
    assert notes(spec(model=model, **keys)) == []


def test_a_bound_on_one_side_is_said(spec: Spec) -> None:
    (note,) = notes(spec(model=[*CLASSES, "relu"]))
    assert "'relu' as the last layer keeps outputs at 0 or above, but cross_entropy" in note
    assert "they need no bounds" in note


def test_an_image_between_0_and_1_may_end_with_a_sigmoid(spec: Spec, tmp_path: Path) -> None:
    x = np.random.default_rng(0).uniform(size=(40, 3)).astype(np.float32)
    data = {"source": {"npz": "x.npz"}, "target": "input", "batch_size": 8}
    np.savez(tmp_path / "x.npz", x=x, y=np.arange(40) % 2)
    for scale, fits in ((1.0, True), (2.0, False)):
        np.savez(tmp_path / "x.npz", x=scale * x, y=np.arange(40) % 2)
        path = spec(model=[{"dense": 3}, "sigmoid"], data=data, loss="mse", metrics=[])
        if fits:
            assert notes(path) == []
        else:
            assert "keeps outputs between 0 and 1" in faults(path)[0]


def test_one_output_for_two_classes_is_advised_its_loss(spec: Spec) -> None:
    for loss, advised in (
        ("cross_entropy", "binary_cross_entropy"),
        ("focal", "binary_focal"),
        ("hinge", "binary_hinge"),
    ):
        (fault,) = faults(spec(model=ONE, data=TWO, loss=loss))
        assert fault.endswith(f"got (1,); use {advised} for one output")


NORMED = [{"dense": 8}, "batch_norm", "relu", *CLASSES]


def test_batches_of_one_sample_and_batch_norm_are_a_fault(spec: Spec) -> None:
    data = {"source": {"blobs": {"samples": 97}}, "batch_size": 1}
    (fault,) = faults(spec(model=NORMED, data=data))
    assert "batch_norm needs more than one value per channel" in fault
    assert fault.endswith("raise data.batch_size, or use layer_norm")
    images = {"source": "digits", "batch_size": 1}
    conv = [{"conv": 2}, "batch_norm", "relu", "flatten", {"dense": 10}]
    assert notes(spec(model=conv, data=images)) == []


def test_a_last_batch_of_one_sample_is_said_and_leaves_the_averages_alone(
    spec: Spec, tmp_path: Path
) -> None:
    averages = []
    for samples in (96, 97):
        x = np.random.default_rng(1).normal(3.0, 2.0, (97, 2)).astype(np.float32)
        np.savez(tmp_path / f"{samples}.npz", x=x[:samples], y=np.arange(samples) % 3)
        source = {"npz": f"{samples}.npz"}
        data = {"source": source, "split": {"validation": 0.0}, "batch_size": 32}
        path = spec(
            model=["batch_norm", *CLASSES], data=data, epochs=20, optimizer={"sgd": {"lr": 1e-6}}
        )
        said = notes(path)
        assert len(said) == (samples == 97)
        run = dlrun.train(path, runs=tmp_path / "runs")
        arrays = RunDirectory(run.path).load_weights("last").arrays
        averages.append(arrays["batch_norm_1.variance"])
    assert "the last batch of an epoch has one sample" in said[0]
    np.testing.assert_allclose(averages[1], averages[0], rtol=0.15)  # a last one of 0: 0.7


@pytest.mark.parametrize(
    ("keys", "says"),
    [
        (
            {"early_stopping": {"patience": 4, "restore_best": False}},
            "a patience of 4 epochs is not over before the last of 5",
        ),
        (
            {"checkpoint": {"every": {"epochs": 6}}},
            "a checkpoint after every 6 epochs, but the run has only 5",
        ),
        (
            {"checkpoint": {"every": {"steps": 400}}},
            "a checkpoint after every 400 steps, but the run has only ",
        ),
        ({"average": {"swa": 20}}, "the average starts with epoch 20, and there are 5 epochs"),
        (
            {"schedule": {"cosine": {"warmup": 10}}},
            "a warm-up of 10 epochs is not over after 5",
        ),
        (
            {"schedule": {"multi_step": {"epochs": [3, 30, 60]}}},
            "multi_step drops the rate after epoch 30, 60, and there are 5 epochs",
        ),
        (
            {"schedule": {"step": {"every": 3, "warmup": 2}}},
            "step drops the rate for the first time after epoch 3, and there are 5 epochs",
        ),
        (
            {"schedule": {"cosine": {"period": 7.5}}},
            "cosine ends its first period after 7.5 epochs, and there are 5 epochs",
        ),
        ({"schedule": {"cyclic": 6}}, "cyclic ends its first period after 6 epochs"),
        (
            {"schedule": {"reduce_on_plateau": {"patience": 4, "warmup": 1}}},
            "reduce_on_plateau drops the rate after 4 epochs at the earliest",
        ),
        ({"early_stopping": {"start_epoch": 5}}, "starts after epoch 5, but"),
    ],
)
def test_what_never_begins_is_said(spec: Spec, keys: dict[str, object], says: str) -> None:
    (note,) = notes(spec(epochs=5, **keys))
    assert says in note
    assert note[0].isdigit()  # the line
    assert notes(spec(epochs=100, **keys)) == []


@pytest.fixture
def one_class(tmp_path: Path) -> dict[str, object]:
    """Data whose validation set has the first class only."""
    x = np.random.default_rng(0).normal(size=(40, 2)).astype(np.float32)
    np.savez(tmp_path / "train.npz", x=x, y=np.arange(40) % 3)
    np.savez(tmp_path / "validation.npz", x=x[:9], y=np.zeros(9, int))
    return {
        "source": {"npz": "train.npz"},
        "split": {"validation": "validation.npz"},
        "batch_size": 8,
    }


def test_a_metric_that_is_not_defined_is_said(spec: Spec, one_class: dict[str, object]) -> None:
    (note,) = notes(spec(data=one_class, metrics=["accuracy", "roc_auc"]))
    assert note.endswith(
        "validation.roc_auc is not defined: all samples are of one class in the validation set"
    )


def test_a_monitor_that_is_not_defined_is_a_fault(spec: Spec, one_class: dict[str, object]) -> None:
    rules = {"monitor": "validation.average_precision"}
    (fault,) = faults(spec(data=one_class, metrics=["average_precision"], early_stopping=rules))
    assert "validation.average_precision is not defined: all samples are of one class" in fault
    schedule = {"reduce_on_plateau": {"monitor": "validation.average_precision"}}
    (fault,) = faults(spec(data=one_class, metrics=["average_precision"], schedule=schedule))
    assert "validation.average_precision is not defined: all samples are of one class" in fault
    assert fault.endswith("stratify data.split, or monitor another metric")


def steps(path: Path, real: float, padding: float) -> None:
    """Write series of six steps, of which the last three are padding, with a target for each."""
    x = np.random.default_rng(0).normal(size=(2000, 6, 1))
    x[:, 3:] = 0
    y = np.where(np.arange(6)[:, None] < 3, real, padding) * np.ones_like(x)
    np.savez(path, x=x, y=y)


SERIES: dict[str, object] = {
    "data": {"source": {"npz": "steps.npz"}, "split": {"validation": 0.2}},
    "model": ["masking", {"gru": {"units": 4, "output": "sequence"}}],
    "loss": "mse",
    "metrics": [],
}


def test_targets_at_padding_need_not_be_within_the_bounds(spec: Spec, tmp_path: Path) -> None:
    steps(tmp_path / "steps.npz", 0.5, -999)
    bounded = [*SERIES["model"], {"dense": 1}, "tanh"]  # type: ignore[misc]
    assert notes(spec(**{**SERIES, "model": bounded})) == []
    steps(tmp_path / "steps.npz", 3.0, 0)
    (fault,) = faults(spec(**{**SERIES, "model": bounded}))
    assert "targets of the training set lie between 3 and 3" in fault


def test_classes_at_padding_do_not_make_a_score_defined(spec: Spec, tmp_path: Path) -> None:
    steps(tmp_path / "steps.npz", 1, 0)
    with np.load(tmp_path / "steps.npz") as file:
        x, y = file["x"], file["y"][..., 0].astype(int)
    np.savez(tmp_path / "steps.npz", x=x, y=y)
    scored = {"loss": "cross_entropy", "metrics": ["roc_auc"]}
    model = [*SERIES["model"], {"dense": 2}]  # type: ignore[misc]
    (note,) = notes(spec(**{**SERIES, **scored, "model": model}))
    assert "validation.roc_auc is not defined: all samples are of one class" in note
