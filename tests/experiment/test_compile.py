from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dlrun.errors import SpecError
from dlrun.experiment.compile import compile_spec
from dlrun.experiment.read import read_experiment

Spec = Callable[..., Path]


def faults(path: Path, *overrides: str) -> list[str]:
    """The faults without the path of the file."""
    with pytest.raises(SpecError) as caught:
        compile_spec(path, overrides)
    return [fault.removeprefix(f"{path}:") for fault in caught.value.faults]


def test_loss_metrics_and_monitor_are_looked_at_together(spec: Spec) -> None:
    found = faults(
        spec(
            model=[{"dense": 2}],
            metrics=["r2", "accuracy", "accuracy"],
            early_stopping={"monitor": "validation.f1"},
        )
    )
    assert [fault.split(" ", 1)[1] for fault in found[:3]] == [
        "cross_entropy needs (3,), one output per class, got (2,)",
        "'r2' scores regression; the data is classification",
        "'accuracy' is listed twice; remove one",
    ]
    assert "cannot monitor 'validation.f1'" in found[3]
    assert len(found) == 4


def test_metrics_that_do_not_fit_loss_or_data_are_named(spec: Spec) -> None:
    found = faults(
        spec(
            loss="hinge",
            metrics=["accuracy", "log_loss", {"top_k": 3}, {"f1": "binary"}, {"top_k": 2}],
        )
    )
    assert [fault.split(" ", 1)[1] for fault in found] == [
        "'log_loss' needs probabilities, but 'hinge' gives scores; use another loss or metric",
        "'top_k' of 3 is always 1 with 3 classes; lower k",
        "'f1' with average: binary needs 2 classes, the data has 3 classes; "
        "use macro, micro or weighted",
    ]


def test_a_metric_that_is_listed_twice_is_monitored_by_its_settings(spec: Spec) -> None:
    metrics = ["f1", {"f1": "micro"}]
    rules = {"monitor": "validation.f1_micro"}
    compiled = compile_spec(spec(metrics=metrics, early_stopping=rules))
    assert (compiled.monitor, compiled.mode) == ("validation.f1_micro", "max")
    (fault,) = faults(spec(metrics=metrics, early_stopping={"monitor": "validation.f1"}))
    assert "cannot monitor 'validation.f1'; did you mean 'validation.f1_" in fault


def test_weights_of_classes_are_counted(spec: Spec) -> None:
    (fault,) = faults(spec(loss={"cross_entropy": {"weights": [1, 2]}}))
    assert "cross_entropy has 2 'weights' for 3 classes; give one each" in fault
    compile_spec(spec(loss={"cross_entropy": {"weights": [1, 2.5, 0]}}))
    compile_spec(spec(loss={"cross_entropy": {"weights": "balanced"}}))


def test_faults_of_data_and_spec_come_together(spec: Spec) -> None:
    data = {"source": {"csv": {"path": "gone.csv", "target": "y"}}}
    found = faults(spec(data=data, epochs=0))
    assert len(found) == 2
    assert "gone.csv" in found[0]
    assert "'epochs'" in found[1]


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (None, ("validation.loss", "min")),
        ({}, ("validation.loss", "min")),
        ({"monitor": "validation.accuracy"}, ("validation.accuracy", "max")),
        ({"monitor": "train.accuracy", "mode": "min"}, ("train.accuracy", "min")),
        ({"monitor": "train.loss", "mode": "max"}, ("train.loss", "max")),
    ],
)
def test_the_direction_is_known_from_the_metric(
    spec: Spec, rules: dict[str, Any] | None, expected: tuple[str, str]
) -> None:
    compiled = compile_spec(spec(early_stopping=rules))
    assert (compiled.monitor, compiled.mode) == expected


def test_a_regression_has_no_classes(spec: Spec) -> None:
    (fault,) = faults(spec(data={"source": "diabetes"}, loss="mse", metrics=[], name="r"))
    assert "the data is a regression, which has no classes" in fault


def test_paths_start_at_the_folder_of_the_spec(
    spec: Spec, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/t.csv").write_text(
        "x,y\n" + "".join(f"{n},{'ab'[n % 2]}\n" for n in range(20))
    )
    data = {"source": {"csv": {"path": "t.csv", "target": "y"}}}
    spec("sub/spec.yaml", data=data)
    monkeypatch.chdir(tmp_path)
    experiment = compile_spec(Path("sub/spec.yaml")).experiment
    anchored = experiment.anchored(Path("sub"))
    assert anchored.data.source.files(Path("/elsewhere")) == (tmp_path / "sub/t.csv",)
    assert anchored.model == experiment.model
    assert experiment.data.source.files(Path("sub")) == (Path("sub/t.csv"),)


def test_a_resolved_spec_needs_no_data(tmp_path: Path) -> None:
    path = tmp_path / "resolved.yaml"
    path.write_text(
        inspect.cleandoc(
            """
            name: a
            data: {source: {csv: {path: /gone.csv, target: y}}}
            model: [{dense: 3}]
            loss: mse
            """
        )
    )
    assert read_experiment(path).epochs == 10


def test_a_fault_of_the_split_is_told_where_the_spec_asks_for_it(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("who,x,y\n" + "a,1,0\nb,2,1\n" * 5)
    spec = tmp_path / "spec.yaml"
    spec.write_text(
        "name: t\n"
        "data:\n"
        "  source: {csv: {path: t.csv, target: y}}\n"
        "  split: {by: whom}\n"
        "model: [dense: 2]\n"
        "loss: cross_entropy\n"
    )
    (fault,) = faults(spec)
    assert fault == "4:15: t.csv:1: the header has no column 'whom'; did you mean 'who'?"
    (fault,) = faults(spec, "data.split={by: who, test: 0.2}")
    wrong = "2 groups are too few for 3 sets; each needs at least one group"
    assert fault == f"override data.split={{by: who, test: 0.2}}: {wrong}"
    (fault,) = faults(spec, "data.split={validation: 0.01}")
    assert fault.startswith("override data.split={validation: 0.01}: the validation set, 0.01 of")
    (fault,) = faults(spec, "data.split={folds: 3, test: 0.1}")
    assert "with 'folds' every fold is the test set once" in fault
