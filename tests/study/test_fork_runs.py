"""Forks: they begin with the checkpoint of another run, and train with their own settings."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from sweeps import SPEC, write_sweep

from dlrun.errors import DataError
from dlrun.run_directory.atomic import replace
from dlrun.run_directory.directory import RunDirectory
from dlrun.run_directory.fork import origin_of
from dlrun.study.executors.protocol import Ended, Failed, Hello, Task, decoded
from dlrun.study.executors.run_task import Worker
from dlrun.study.fork_runs import make_forks
from dlrun.study.ledger import Ledger
from dlrun.study.store.directory import StudyDirectory
from dlrun.study.sweep.compile import read_plan

ID = "20260131-142359-k3f9qz"
BASE: dict[str, Any] = {
    **{key: value for key, value in SPEC.items() if key != "params"},
    "model": [
        {"dense": 8},
        {"batch_norm": {"momentum": 0.9}},
        "relu",
        {"dropout": 0.2},
        {"dense": "${classes}"},
    ],
    "loss": {"cross_entropy": {"label_smoothing": 0.1}},
    "optimizer": {"sgd": {"lr": 0.5, "momentum": 0.5}},
    "weight_decay": 0.01,
    "penalty": {"l2": 0.01},
    "clip": {"norm": 0.5},
    "average": {"ema": {"decay": 0.9}},
    "groups": [{"match": "dense_1.*", "lr_factor": 0.5}],
    "schedule": {"cosine": {"warmup": 1}},
    "epochs": 4,
}
VALUES: dict[str, tuple[Any, Any]] = {
    "optimizer.sgd.lr": (0.5, 0.125),
    "optimizer.sgd.momentum": (0.5, 0.25),
    "weight_decay": (0.01, 0.02),
    "penalty.l2": (0.01, 0.02),
    "clip.norm": (0.5, 0.25),
    "average.ema.decay": (0.9, 0.5),
    "model.1.batch_norm.momentum": (0.9, 0.5),
    "model.3.dropout": (0.2, 0.4),
    "loss.cross_entropy.label_smoothing": (0.1, 0.3),
    "schedule.cosine.warmup": (1, 3),
}


class Forked:
    """A study of two trials, of which the second continues the first after two epochs."""

    def __init__(
        self,
        folder: Path,
        spec: Mapping[str, Any],
        settings: Mapping[str, tuple[Any, Any]],
        values: Sequence[Any] = (),
    ) -> None:
        folder.mkdir(exist_ok=True)
        self.spec, self.folder = spec, folder
        self.settings = [{key: each[n] for key, each in settings.items()} for n in (0, 1)]
        space = {key: values or list(dict.fromkeys(each)) for key, each in settings.items()}
        sweep = write_sweep(
            folder,
            spec=spec,
            search="grid",
            prune={"population": {"every": 2}},
            space=space,
        )
        self.directory = StudyDirectory(folder / "studies" / "search")
        self.lock = self.directory.lock()
        self.ledger = Ledger(read_plan(sweep), self.directory)
        self.ledger.begin()
        self.names = [f"{trial:04}-{ID}" for trial in (0, 1)]

    def __enter__(self) -> Forked:
        return self

    def __exit__(self, *_: object) -> None:
        self.ledger.close()
        self.directory.release(self.lock)

    def run(self, number: int) -> RunDirectory:
        return self.directory.run(self.names[number])

    def train(self, number: int, epochs: int = 0, forked: int = 0) -> Ended | Failed:
        replies = io.BytesIO()
        worker = Worker(Hello(json.dumps(self.spec), "spec.yaml", str(self.folder)), replies)
        settings = {**self.settings[number], "seed": 3}
        worker.do(
            Task(settings, epochs, "validation.loss", str(self.run(number).path), False, forked)
        )
        message = decoded(replies.getvalue().splitlines()[-1])
        assert isinstance(message, Ended | Failed)
        return message

    def fork(self) -> None:
        if not self.ledger.state.forks:
            self.ledger.record({"event": "batch", "batch": 0, "suggestions": self.settings[:1]})
            self.ledger.record(
                {
                    "event": "started",
                    "trial": 0,
                    "repeat": 0,
                    "epochs": 2,
                    "directory": self.names[0],
                }
            )
            self.ledger.record(
                {
                    "event": "generation",
                    "epochs": 2,
                    "replaced": [],
                    "suggestions": self.settings[1:],
                    "forks": [{"trial": 1, "parent": 0, "directories": self.names[1:]}],
                }
            )
        make_forks(self.ledger, [1])


def weights(run: RunDirectory) -> bytes:
    return (run.checkpoints / "last.safetensors").read_bytes()


def rows(run: RunDirectory) -> dict[str, list[float]]:
    return {name: each for name, each in run.metrics().items() if name != "seconds"}


def test_a_fork_with_the_same_settings_is_the_parent(tmp_path: Path) -> None:
    with Forked(tmp_path, BASE, {"optimizer.sgd.lr": (0.5, 0.5)}) as study:
        assert isinstance(study.train(0, epochs=2), Ended)
        study.fork()
        before = weights(study.run(0))
        assert isinstance(study.train(1, forked=2), Ended)
        assert weights(study.run(0)) == before
        assert isinstance(study.train(0), Ended)
        assert weights(study.run(1)) == weights(study.run(0)) != before
        assert rows(study.run(1)) == rows(study.run(0))
        assert len(rows(study.run(1))["epoch"]) == 4
        origin = origin_of(study.run(1))
        assert origin is not None
        assert (origin.run, origin.trial, origin.epoch) == (study.names[0], 0, 2)
        assert origin_of(study.run(0)) is None


def test_the_new_learning_rate_is_that_of_a_schedule_with_a_step(tmp_path: Path) -> None:
    spec = {**BASE, "schedule": "constant", "weight_decay": None}
    with Forked(tmp_path / "a", spec, {"optimizer.sgd.lr": (0.5, 0.125)}) as study:
        assert isinstance(study.train(0, epochs=2), Ended)
        study.fork()
        assert isinstance(study.train(1, forked=2), Ended)
        forked, lrs = weights(study.run(1)), rows(study.run(1))["lr"]
    assert lrs == [0.5, 0.5, 0.125, 0.125]
    step = {**spec, "schedule": {"multi_step": {"epochs": [2], "gamma": 0.25}}}
    with Forked(tmp_path / "b", step, {"optimizer.sgd.lr": (0.5, 0.5)}) as study:
        assert isinstance(study.train(0), Ended)
        assert rows(study.run(0))["lr"] == lrs
        assert weights(study.run(0)) == forked


@pytest.mark.parametrize("key", VALUES)
def test_every_changed_value_is_used_after_the_fork(tmp_path: Path, key: str) -> None:
    with Forked(tmp_path, BASE, {key: VALUES[key]}) as study:
        assert isinstance(study.train(0, epochs=2), Ended)
        study.fork()
        assert isinstance(study.train(1, forked=2), Ended)
        assert isinstance(study.train(0), Ended)
        one, other = rows(study.run(0)), rows(study.run(1))
        assert weights(study.run(0)) != weights(study.run(1))
        assert all(one[name][:2] == other[name][:2] for name in one)
        assert any(one[name][2:] != other[name][2:] for name in one)


def test_a_fork_that_was_cut_off_is_completed(tmp_path: Path, monkeypatch: Any) -> None:
    with Forked(tmp_path, BASE, {"optimizer.sgd.lr": (0.5, 0.125)}) as study:
        assert isinstance(study.train(0, epochs=2), Ended)
        study.fork()
        run = study.run(1)
        linked = run.checkpoints / "last.safetensors"
        assert linked.samefile(study.run(0).checkpoints / "last.safetensors")
        assert isinstance(study.train(1, forked=2), Ended)
        expected = weights(run)
        for kept in (["metrics.csv"], ["resolved.yaml", "environment.json"], []):
            for path in sorted(run.path.rglob("*")):
                if path.is_file() and path.name not in kept:
                    path.unlink()
            # A file system without links, and one with.
            with monkeypatch.context() as patch:
                if "metrics.csv" in kept:
                    patch.setattr(os, "link", refused)
                study.fork()
            same = linked.samefile(study.run(0).checkpoints / "last.safetensors")
            assert same == ("metrics.csv" not in kept)
            assert isinstance(study.train(1, forked=2), Ended)
            assert weights(run) == expected
        study.fork()  # a complete one stays
        assert weights(run) == expected
        assert not list(study.directory.path.rglob("*.tmp"))


def refused(*_: object, **__: object) -> None:
    raise OSError(95, "Operation not supported")


def test_a_lost_fork_stops_the_study_and_never_begins_with_new_weights(tmp_path: Path) -> None:
    with Forked(tmp_path, BASE, {"optimizer.sgd.lr": (0.5, 0.125)}) as study:
        missing = study.train(1, forked=2)
        assert isinstance(missing, Failed)
        assert missing.of_machine
        assert "it is missing; the run continues another one" in missing.reason
        assert isinstance(study.train(0, epochs=2), Ended)
        study.fork()
        run = study.run(1)
        (run.checkpoints / "last.safetensors").unlink()
        lost = study.train(1, forked=2)
        assert isinstance(lost, Failed)
        assert lost.of_machine
        assert "its checkpoint is missing" in lost.reason
        run.fork_file.unlink()
        study.fork()
        ran = run.environment()
        replace(run.environment_file, json.dumps({**ran, "packages": {"numpy": "0.1"}}))
        changed = study.train(1, forked=2)
        assert isinstance(changed, Failed)
        assert changed.of_machine
        assert "cannot resume: packages" in changed.reason
        assert not list(run.path.parent.glob("*kept*"))


def test_a_parent_that_trained_further_cannot_be_continued_there(tmp_path: Path) -> None:
    with Forked(tmp_path, BASE, {"optimizer.sgd.lr": (0.5, 0.125)}) as study:
        assert isinstance(study.train(0), Ended)
        with pytest.raises(DataError, match=r"after epoch 2, because its checkpoint is of another"):
            study.fork()
        (study.run(0).checkpoints / "last.safetensors").unlink()
        with pytest.raises(DataError, match="no such file"):
            study.fork()


def test_a_value_that_was_not_tried_before_the_study_does_not_fit_the_checkpoint(
    tmp_path: Path,
) -> None:
    # Of a long list, only the first and the last value are tried when the sweep is read.
    blocks = [
        {"lr": 0.1, "momentum": round(0.01 * n, 2)} for n in (*range(1, 14), 0, *range(14, 27))
    ]
    with Forked(tmp_path, BASE, {"optimizer.sgd": (blocks[0], blocks[13])}, blocks) as study:
        assert isinstance(study.train(0, epochs=2), Ended)
        with pytest.raises(DataError, match=r"trial 1 cannot continue trial 0.*form of weights"):
            study.fork()
