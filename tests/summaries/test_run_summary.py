"""What is known of a run, from its files."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from run_folders import write_run
from sweeps import SPEC

from dlrun.api.show import show
from dlrun.errors import DataError
from dlrun.launch.start import start
from dlrun.run_directory.directory import RunDirectory
from dlrun.run_directory.lock import Lock
from dlrun.run_directory.reduced import delete_checkpoint
from dlrun.run_directory.tags import Tags, write_tags
from dlrun.summaries.run_summary import RunSummary


def shown(path: Path) -> RunSummary:
    summary = show(path)
    assert isinstance(summary, RunSummary)
    return summary


def moons(folder: Path, *values: Any, **keys: Any) -> Path:
    return write_run(folder / "runs" / "moons" / "a", *values, **keys)


def test_scores_of_the_best_and_the_last_epoch(tmp_path: Path) -> None:
    summary = shown(moons(tmp_path, (0.5, 0.2, 0.4)))
    rows = {(row.metric, row.epoch): row for row in summary.scores}
    assert list(rows) == [("loss", 2), ("loss", 3), ("accuracy", 2), ("accuracy", 3)]
    assert rows["loss", 2].what == ("best",)
    assert rows["loss", 3].what == ("last", "saved")
    assert (rows["loss", 2].train, rows["loss", 2].validation) == (0.1, 0.2)
    assert rows["loss", 3].test is None
    assert summary.curves == {"validation.loss": [0.5, 0.2, 0.4], "train.loss": [0.25, 0.1, 0.2]}


def test_the_test_set_is_scored_with_the_saved_weights(tmp_path: Path) -> None:
    path = moons(tmp_path, (0.5, 0.2, 0.4))
    run = RunDirectory(path)
    run.finish({**run.result(), "weights": "best", "metrics": {"test.loss": 0.3}})
    best, last = (row for row in shown(path).scores if row.metric == "loss")
    assert (best.what, best.test) == (("best", "saved"), 0.3)
    assert (last.what, last.test) == (("last",), None)


@pytest.mark.parametrize(
    ("ending", "losses", "reason", "advice"),
    [
        ("done", (0.5,), "for a test", ""),
        ("stopped", (0.5,), "for a test", "resume with: dlrun resume RUN"),
        (None, (0.5,), "it was killed after epoch 1", "resume with: dlrun resume RUN"),
        (None, (), "before the end of its first epoch", "resume with: dlrun resume RUN; log.txt"),
        ("diverged", (0.5,), "for a test", "with on_divergence, training restarts"),
    ],
)
def test_how_it_ended_and_what_to_do(
    tmp_path: Path, ending: str | None, losses: tuple[float, ...], reason: str, advice: str
) -> None:
    path = moons(tmp_path, losses, ending=ending)
    summary = shown(path)
    assert reason in summary.reason
    expected = advice.replace("RUN", str(path))
    assert (expected in summary.advice) if advice else not summary.advice
    resumes = [each for each in summary.steps if each.command == f"dlrun resume {path}"]
    assert bool(resumes) == ("resume" in advice)


def test_the_advice_after_a_divergence_does_not_repeat_its_reason(tmp_path: Path) -> None:
    spec = {**SPEC, "optimizer": {"sgd": {"lr": 1e30}}}
    for name, rules in {"without": None, "with": {"attempts": 1}}.items():
        with start({**spec, "on_divergence": rules}, runs=tmp_path / name) as training:
            training.run()
        summary = shown(training.directory.path)
        assert summary.entry.state == "diverged"
        assert "try a smaller" in summary.reason and "another initializer" in summary.reason
        assert "smaller" not in summary.advice and "initializer" not in summary.advice
        assert ("on_divergence" in summary.advice) == (rules is None)


def test_a_run_that_is_in_progress(tmp_path: Path) -> None:
    path = moons(tmp_path, ending=None)
    lock = Lock.acquire(path)
    try:
        summary = shown(path)
    finally:
        lock.release()
    assert (summary.entry.state, summary.reason) == ("running", "a process is training it")
    assert not any("resume" in each.command for each in summary.steps)


def test_the_baseline_is_that_of_the_spec(tmp_path: Path) -> None:
    rules = {"monitor": "validation.loss", "mode": "auto", "baseline": 0.45}
    assert shown(moons(tmp_path, early_stopping=rules)).baseline == 0.45
    assert shown(write_run(tmp_path / "runs" / "moons" / "b")).baseline is None


def test_keys_that_were_set(tmp_path: Path) -> None:
    path = moons(tmp_path, lr=0.1, seed=3, text="x", max_time=5, model=[{"dense": {"units": 7}}])
    (path / "spec.yaml").write_text(
        "name: moons\nseed: 1\noptimizer: {adam: {lr: 1e-2}}\nmodel: [dense: '${n}']\nnew: 0.5\n"
    )
    call = {"spec": "spec.yaml", "overrides": ["seed=3", "optimizer.adam.lr=0.1", "text=x"]}
    command = ["python", "/bin/dlrun", "train", "my spec.yaml", "seed=3", "max_time=5"]
    RunDirectory(path).write_environment({"call": call, "command": command, "kernels": "numpy"})
    summary = shown(path)
    assert {each.key: (each.value, each.by) for each in summary.given} == {
        "name": ("moons", "spec"),
        "seed": (3, "override"),
        "optimizer.adam.lr": (0.1, "override"),
        "model.0.dense": ("${n}", "spec"),
        "new": (0.5, "spec"),
        "text": ("x", "override"),
        "max_time": (5, "override"),
    }
    assert summary.command == "dlrun train 'my spec.yaml' seed=3 max_time=5"
    assert summary.environment["kernels"] == "numpy"


def test_a_value_in_another_form_is_that_of_the_spec(tmp_path: Path) -> None:
    """A relative path is resolved to a full one, and a duration to seconds."""
    source = {"csv": {"path": str(tmp_path / "houses.csv"), "target": "price"}}
    path = moons(tmp_path, data={"source": source}, max_time=300, seed=3)
    (path / "spec.yaml").write_text(
        "data: {source: {csv: {path: houses.csv, target: price}}}\nmax_time: 5m\nseed: 1\n"
    )
    RunDirectory(path).write_environment({"call": {"spec": "s.yaml", "overrides": ["seed=3"]}})
    assert {each.key: (each.value, each.by) for each in shown(path).given} == {
        "data.source.csv.path": (str(tmp_path / "houses.csv"), "spec"),
        "data.source.csv.target": ("price", "spec"),
        "max_time": (300, "spec"),
        "seed": (3, "override"),
    }


def test_only_what_works_is_recommended(tmp_path: Path) -> None:
    path = moons(tmp_path)
    for name in ("best", "last"):
        RunDirectory(path).save_weights(name, {"a": np.zeros(1, np.float32)}, {})
    commands = {each.command.split()[1] for each in shown(path).steps}
    assert commands == {"resume", "evaluate", "verify", "train"}
    delete_checkpoint(path / "checkpoints", "last")  # weights is last
    commands = {each.command.split()[1] for each in shown(path).steps}
    assert commands == {"verify", "train"}
    origin = {"run": "0000-20261101-120000-aaaaaa", "trial": 0, "epoch": 1}
    (path / "fork.json").write_text(json.dumps(origin))
    assert {each.command.split()[1] for each in shown(path).steps} == {"train"}


def test_what_an_override_has_replaced_is_not_set(tmp_path: Path) -> None:
    path = moons(tmp_path, lr=0.1)
    (path / "spec.yaml").write_text("name: moons\noptimizer: {sgd: {lr: 1, momentum: 0.9}}\n")
    call = {"spec": "spec.yaml", "overrides": ["optimizer.adam.lr=0.1"]}
    RunDirectory(path).write_environment({"call": call})
    assert {each.key: each.by for each in shown(path).given} == {
        "name": "spec",
        "optimizer.adam.lr": "override",
    }


RESTORED = {"monitor": "validation.loss", "patience": 2, "mode": "auto"}


@pytest.mark.parametrize(
    ("spec", "overrides", "resolved", "given"),
    [
        ("", ["early_stopping={patience: 2}"], {"early_stopping": RESTORED},
         {"early_stopping.patience": (2, "override")}),
        ("early_stopping: {mode: min, patience: 9}", ["early_stopping={patience: 2}"],
         {"early_stopping": RESTORED}, {"early_stopping.patience": (2, "override")}),
        ("early_stopping: {patience: 9}", ["early_stopping={'patience': 2}"],
         {"early_stopping": RESTORED}, {"early_stopping.patience": (2, "override")}),
        ("loss: cross_entropy", ["loss=focal"], {"loss": {"focal": {"gamma": 2.0}}},
         {"loss": ("focal", "override")}),
        ("loss: cross_entropy", ["loss.focal.gamma=1"], {"loss": {"focal": {"gamma": 1.0}}},
         {"loss.focal.gamma": (1.0, "override")}),
        ("loss: focal", ["loss.focal.gamma=1"], {"loss": {"focal": {"gamma": 1.0}}},
         {"loss": ("focal", "spec"), "loss.focal.gamma": (1.0, "override")}),
        ("model: [dense: 8, relu, dense: 2]", ["model=[{dense: 4}, flatten]"],
         {"model": [{"dense": {"units": 4, "bias": True}}, "flatten"]},
         {"model.0.dense": (4, "override"), "model.1": ("flatten", "override")}),
        ("model: [dense: 8]", ["model.0.dense.units=4"],
         {"model": [{"dense": {"units": 4, "bias": True}}]},
         {"model.0.dense.units": (4, "override")}),
        ("model: [dense: 8]", ["model.0.dense.bias=false"],
         {"model": [{"dense": {"units": 8, "bias": False}}]},
         {"model.0.dense": (8, "spec"), "model.0.dense.bias": (False, "override")}),
        ("source: {csv: a.csv}", ["source.csv.target=y"],
         {"source": {"csv": {"path": "/x/a.csv", "target": "y"}}},
         {"source.csv": ("a.csv", "spec"), "source.csv.target": ("y", "override")}),
        ("", ["log=[]", "text=[", "none"], {"log": [], "text": "["},
         {"log": ("[]", "override"), "text": ("[", "override")}),
    ],
)  # fmt: skip
def test_only_what_an_override_contains_is_set_by_it(
    tmp_path: Path,
    spec: str,
    overrides: list[str],
    resolved: dict[str, Any],
    given: dict[str, tuple[object, str]],
) -> None:
    path = moons(tmp_path, **resolved)
    (path / "spec.yaml").write_text(spec)
    call = {"spec": "spec.yaml", "overrides": overrides}
    RunDirectory(path).write_environment({"call": call})
    assert {each.key: (each.value, each.by) for each in shown(path).given} == given


def test_passwords_in_addresses_are_not_shown(tmp_path: Path) -> None:
    path = moons(tmp_path)
    (path / "spec.yaml").write_text("log: [mlflow: 'https://me:secret@host/x']\n")
    command = ["python", "/bin/dlrun", "train", "s.yaml", "log=https://me:secret@host/x"]
    RunDirectory(path).write_environment({"command": command})
    shown_of = shown(path)
    assert [each.key for each in shown_of.given] == ["log.0.mlflow"]
    assert "host/x" in shown_of.command
    assert "secret" not in f"{shown_of.given} {shown_of.command}"


def test_files_tags_and_commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = write_run(Path("runs") / "a b" / "x", seed=4)
    RunDirectory(path).write_confusion(["p", "q"], [[3, 1], [0, 2]])
    write_tags(path, Tags(("paper",), "a note"))
    (path / "plots").symlink_to("/")
    summary = shown(path)
    assert {"confusion.csv", "metrics.csv", "tags.json"} <= {
        each.path for each in summary.files.files
    }
    assert [each.path for each in summary.files.files if each.size is None] == ["plots"]
    sizes = [os.lstat(path / each.path).st_size for each in summary.files.files if each.size]
    assert summary.files.size == sum(sizes)
    assert summary.confusion is not None
    assert summary.confusion.counts == ((3, 1), (0, 2))
    commands = [each.command for each in summary.steps]
    assert "dlrun train 'runs/a b/x/resolved.yaml' seed=5" in commands
    assert "dlrun verify 'runs/a b/x'" in commands
    assert summary.as_json()["tags"] == ("paper",)


def test_what_is_not_a_run(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="neither a run nor a study; dlrun runs lists them"):
        show(tmp_path)
    with pytest.raises(DataError, match="no such directory"):
        show(tmp_path / "runs")
    path = moons(tmp_path)
    (path / "confusion.csv").write_text("a,b\n1\n")
    with pytest.raises(DataError, match=r"confusion\.csv: not a square table"):
        show(path)
    (path / "confusion.csv").unlink()
    os.mkfifo(path / "spec.yaml")
    with pytest.raises(DataError, match=r"spec\.yaml"):
        show(path)
