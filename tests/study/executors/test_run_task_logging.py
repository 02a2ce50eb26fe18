"""Runs of a study are one group of their loggers, whose failures are reported once."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fake_logger import Backend, fake_logger
from sweeps import SPEC

from dlrun.study.executors.protocol import Ended, Hello, Task, decoded
from dlrun.study.executors.run_task import Worker


@pytest.fixture
def fake() -> Iterator[Backend]:
    with fake_logger() as backend:
        yield backend


@pytest.fixture
def worker(tmp_path: Path, fake: Backend) -> Worker:
    spec = json.dumps({**SPEC, "log": ["fake"]})
    return Worker(Hello(spec, "spec.yaml", str(tmp_path)), io.BytesIO())


def done(worker: Worker, path: Path, epochs: int = 0) -> Ended:
    path.parent.mkdir(parents=True, exist_ok=True)
    worker.do(Task({}, epochs, "validation.loss", str(path)))
    replies: Any = worker._replies
    message = decoded(replies.getvalue().splitlines()[-1])
    assert isinstance(message, Ended)
    return message


def test_a_run_that_pauses_at_a_rung_is_one_logged_run(
    worker: Worker, fake: Backend, tmp_path: Path
) -> None:
    study = tmp_path / "search"
    done(worker, study / "trials" / "0001", epochs=2)
    done(worker, study / "trials" / "0001")
    done(worker, study / "trials" / "0002")
    opened = fake.all("open")
    assert {(each.group, each.group_directory) for each in opened} == {("search", str(study))}
    labels = [each.label for each in opened]
    assert labels == ["trials-0001", "trials-0001", "trials-0002"]
    assert opened[1].id == "id of trials-0001"
    assert fake.epochs == [1, 2, 3, 4, 1, 2, 3, 4]
    assert [end.ended_by for end in fake.all("end")] == ["rung", "epochs", "epochs"]


def test_a_logger_that_fails_in_every_run_is_reported_once(
    worker: Worker, fake: Backend, tmp_path: Path
) -> None:
    fake.fails = "open"
    (note,) = done(worker, tmp_path / "search" / "trials" / "0001").notes
    assert note.startswith("log: fake is switched off for this run: ConnectionError: ")
    assert not done(worker, tmp_path / "search" / "trials" / "0002").notes
