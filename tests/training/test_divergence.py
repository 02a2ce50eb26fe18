from __future__ import annotations

import csv
import json
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import dlrun
from dlrun.experiment.compile import compile_spec
from dlrun.launch.start import start
from dlrun.nn.engine.network import Network
from dlrun.training.divergence import Detector, Watch
from dlrun.training.events import EpochEnded, Event, Restarted, RunEnded, StepEnded
from dlrun.training.restarts import Restart
from dlrun.training.session import Session
from dlrun.training.stop import Stop

Spec = Callable[..., Path]

STEEP: dict[str, Any] = {
    "epochs": 6,
    "optimizer": {"sgd": {"lr": 0.1, "momentum": 0.9}},
    "schedule": {"step": {"every": 2, "gamma": 1e20}},
    "on_divergence": {"lr_factor": 1e-20, "attempts": 2},
}
"""Every second epoch makes the rate too large, which each restart makes good."""


def train(path: Path, harm: Callable[[Session, Event], None] | None = None) -> list[Any]:
    session = Session(compile_spec(path))
    events = []
    for event in session.run(Stop()):
        events.append(event)
        if harm is not None:
            harm(session, event)
    return events


def rows(events: Sequence[Event]) -> list[dict[str, float]]:
    """The rows that count, without their times."""
    found: list[dict[str, float]] = []
    for event in events:
        if isinstance(event, EpochEnded):
            found.append({k: v for k, v in event.row.items() if k != "seconds"})
        elif isinstance(event, Restarted):
            del found[event.epoch :]
    return found


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_a_weight_is_named_in_the_next_step(spec: Spec, value: float) -> None:
    def harm(session: Session, event: Event) -> None:
        if isinstance(event, StepEnded) and event.step == 3:
            session.network.parameters.named()["dense_2.bias"][1] = value

    # A relu would hide what is not finite in front of it.
    end = train(spec(), harm)[-1]
    assert (end.status, end.epochs) == ("diverged", 0)
    assert end.reason.startswith(f"dense_2.bias became {value} in epoch 1, step 4, ")


@pytest.mark.parametrize("name", ["dense_1.kernel", "dense_2.kernel"])
def test_a_gradient_is_named_where_it_began(
    spec: Spec, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    bound = Network.training_plan

    def harmed(network: Network, *args: Any, **kwargs: Any) -> Any:
        plan = bound(network, *args, **kwargs)
        backward, grads = plan.backward, network.parameters.grads

        def harm() -> None:
            backward()
            padded = np.zeros_like(network.parameters.values)
            # Backward goes from the output to the input, and takes it along.
            for each in ("dense_1.kernel", name):
                view = network.parameters.named(padded)[each]
                view[...] = np.nan
            grads[np.isnan(padded[: len(grads)])] = np.nan

        plan.backward = harm  # type: ignore[method-assign]
        return plan

    monkeypatch.setattr(Network, "training_plan", harmed)
    end = train(spec(clip={"norm": 1.0}))[-1]
    assert end.reason.startswith(f"the gradient of {name} became nan in epoch 1, step 1, ")


def test_nan_between_parameters_is_told(spec: Spec) -> None:
    """A stored training of somebody else's making has it there, or an optimizer writes it."""

    def harm(session: Session, event: Event) -> None:
        if isinstance(event, StepEnded):
            parameters = session.network.parameters
            inside = np.zeros_like(parameters.values)
            for view in parameters.named(inside).values():
                view[...] = 1.0
            between = inside[: len(parameters.grads)] == 0
            assert between.any()
            parameters.grads[between] = np.nan

    end = train(spec(), harm)[-1]
    assert end.status == "diverged"
    assert end.reason.startswith(
        "the unused memory between parameters became nan, from a damaged checkpoint or because the "
        "optimizer divides 0 by 0, in epoch 1"
    )


def test_large_numbers_are_no_divergence(spec: Spec) -> None:
    def harm(session: Session, event: Event) -> None:
        if isinstance(event, StepEnded):  # its product with any gradient overflows
            session.network.parameters.named()["dense_2.bias"][...] = 3e38

    with np.errstate(all="ignore"):
        assert train(spec(epochs=1), harm)[-1].status == "completed"


def test_the_layer_whose_output_went_bad_is_named(spec: Spec) -> None:
    def harm(session: Session, event: Event) -> None:
        if isinstance(event, StepEnded):
            session.network.parameters.named()["dense_1.kernel"][...] = 3e38

    model = [{"dense": 8}, "softplus", {"dense": 8}, "tanh", {"dense": "${classes}"}]
    end = train(spec(model=model), harm)[-1]
    assert end.reason.startswith("the output of dense_1")
    assert " in epoch 1, step 2, " in end.reason


def test_looking_for_the_layer_changes_no_running_average(
    spec: Spec, monkeypatch: pytest.MonkeyPatch
) -> None:
    def harm(session: Session, event: Event) -> None:
        values = session.network.parameters.named()
        if isinstance(event, StepEnded):
            values["dense_1.kernel"][...] = 3e38
        elif isinstance(event, RunEnded):
            averages.append(session.named(session.last)["batch_norm_1.mean"])

    averages: list[Any] = []
    model = ["batch_norm", {"dense": "${classes}"}]
    assert "dense_1" in train(spec(model=model), harm)[-1].reason
    monkeypatch.setattr(Watch, "_again", lambda *_: None)
    assert "dense_1" not in train(spec(model=model), harm)[-1].reason
    np.testing.assert_array_equal(*averages)


def test_a_detector_sees_what_the_loss_does_not(spec: Spec) -> None:
    path = spec(model=[{"dense": 8}, "sigmoid", {"dense": "${classes}"}], epochs=1)

    def run(session: Session) -> Any:
        for event in session.run(Stop()):
            if isinstance(event, StepEnded):
                session.network.parameters.named()["dense_1.bias"][...] = -3e38
                session.network.parameters.named()["dense_1.kernel"][...] = 3e38
        return event

    with np.errstate(all="ignore"):
        assert run(Session(compile_spec(path))).status == "completed"
        end = run(Session(compile_spec(path), Detector()))
    assert end.status == "diverged"
    assert end.reason.startswith("the output of dense_1")


def test_a_detector_changes_no_bit(spec: Spec) -> None:
    path = spec(model=["batch_norm", {"dense": 8}, "relu", {"dropout": 0.3}, {"dense": 3}])
    sessions = [Session(compile_spec(path)), Session(compile_spec(path), Detector())]
    for session in sessions:
        assert list(session.run(Stop()))[-1].status == "completed"
    np.testing.assert_array_equal(sessions[0].last, sessions[1].last)


def test_training_goes_back_to_the_best_epoch(spec: Spec) -> None:
    events = train(spec(**STEEP))
    restarts = [each for each in events if isinstance(each, Restarted)]
    assert [(each.epoch, each.attempt, each.attempts) for each in restarts] == [
        (2, 1, 2),
        (4, 2, 2),
    ]
    assert [each.lr_factor for each in restarts] == [1e-20, 1e-40]
    assert (events[-1].status, events[-1].epochs) == ("completed", 6)
    assert events[-1].restarts == tuple(
        Restart(each.reason, each.epoch, each.lr_factor) for each in restarts
    )
    # The same as if the rate had never grown.
    plain = train(spec(**{**STEEP, "schedule": "constant", "on_divergence": None}))
    assert len(rows(events)) == 6
    for row, expected in zip(rows(events), rows(plain), strict=True):
        assert row == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(
    "keys",
    [
        {"optimizer": {"adam": {"lr": 0.1}}},
        {"average": {"ema": 0.5}},
        {"accumulate": 3},
        {"model": ["batch_norm", {"dense": 8}, "relu", {"dropout": 0.3}, {"dense": "${classes}"}]},
        {"schedule": {"reduce_on_plateau": {"patience": 1}}},
    ],
    ids=lambda keys: next(iter(keys)),
)
def test_everything_goes_back(spec: Spec, keys: dict[str, Any]) -> None:
    """Behind a restart with (nearly) the same rate, training is as if nothing had happened."""
    harmless = {"lr_factor": 1 - 2**-53, "attempts": 1}
    path = spec(**{"epochs": 4, "on_divergence": harmless, **keys})
    done = False

    def harm(session: Session, event: Event) -> None:
        nonlocal done
        if isinstance(event, StepEnded) and (event.epoch, event.step) == (3, 2) and not done:
            session.network.parameters.values[...] = np.nan
            session.update.updater.pace.lr = np.nan
            for array in session.update.updater.state().values():
                if array.ndim and array.dtype.kind == "f":
                    array[...] = np.nan
            done = True

    events, plain = train(path, harm), train(path)
    (restart,) = [each for each in events if isinstance(each, Restarted)]
    assert restart.epoch == 2
    assert rows(events) == [
        row if row["epoch"] < 3 else pytest.approx(row, rel=1e-5) for row in rows(plain)
    ]


def test_the_first_weights_are_a_way_out_too(spec: Spec) -> None:
    rules = {"restore": "first", "lr_factor": 1e-20, "attempts": 5}
    events = train(spec(**{**STEEP, "on_divergence": rules}))
    assert {each.epoch for each in events if isinstance(each, Restarted)} == {0}
    assert events[-1].best_epoch <= 6
    assert [row["epoch"] for row in rows(events)] == [1, 2, 3, 4, 5, 6]


def test_attempts_come_to_an_end(spec: Spec) -> None:
    rules = {"lr_factor": 0.5, "attempts": 3}
    events = train(spec(optimizer={"sgd": {"lr": 1e38}}, on_divergence=rules))
    assert sum(isinstance(each, Restarted) for each in events) == 3
    assert events[-1].status == "diverged"


def test_metrics_hold_the_epochs_that_count(spec: Spec, tmp_path: Path) -> None:
    runs = [dlrun.train(spec(**STEEP), runs=tmp_path / "runs") for _ in range(2)]
    files = []
    for run in runs:
        with (run.path / "metrics.csv").open(newline="") as file:
            files.append([{**row, "seconds": ""} for row in csv.DictReader(file)])
    assert [row["epoch"] for row in files[0]] == ["1", "2", "3", "4", "5", "6"]
    assert files[0] == files[1]
    weights = [(run.path / "checkpoints/last.safetensors").read_bytes() for run in runs]
    assert weights[0] == weights[1]


def test_the_result_has_the_restarts_of_all_processes(spec: Spec, tmp_path: Path) -> None:
    path = spec(**STEEP)
    whole = dlrun.train(path, runs=tmp_path / "runs").result["restarts"]
    assert [(each["epoch"], each["lr_factor"]) for each in whole] == [(2, 1e-20), (4, 1e-40)]
    assert "in epoch 3, step" in whole[0]["reason"] and "in epoch 5, step" in whole[1]["reason"]
    with start(path, runs=tmp_path / "runs") as training:
        for event in training.events():
            if isinstance(event, Restarted):
                break
    assert dlrun.resume(training.directory.path).result["restarts"] == whole


def test_a_run_without_restarts_says_so(spec: Spec, tmp_path: Path) -> None:
    assert dlrun.train(spec(epochs=1), runs=tmp_path / "runs").result["restarts"] == []


def test_seconds_go_on(spec: Spec, tmp_path: Path) -> None:
    run = dlrun.train(spec(**STEEP), runs=tmp_path / "runs")
    seconds = list(run.metrics["seconds"])
    assert seconds == sorted(seconds)


@pytest.mark.parametrize(
    "rules", [{"lr_factor": 0.0}, {"lr_factor": 1.0}, {"attempts": 0}, {"restore": "last"}]
)
def test_rules_that_make_no_sense(spec: Spec, rules: dict[str, Any]) -> None:
    with pytest.raises(dlrun.errors.SpecError, match=json.dumps(next(iter(rules)))[1:-1]):
        compile_spec(spec(on_divergence=rules))
