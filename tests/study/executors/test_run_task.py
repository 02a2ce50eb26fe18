"""A worker's way with directories that are there already, and with faults of the machine."""

from __future__ import annotations

import errno
import io
import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from sweeps import SPEC

from dlrun.run_directory.directory import RunDirectory
from dlrun.study.executors.protocol import Ended, Failed, Hello, Task, decoded
from dlrun.study.executors.run_task import Worker


@pytest.fixture
def worker(tmp_path: Path) -> Worker:
    return Worker(Hello(json.dumps(SPEC), "spec.yaml", str(tmp_path)), io.BytesIO())


def done(worker: Worker, path: Path, epochs: int = 0) -> Ended | Failed:
    worker.do(Task({}, epochs, "validation.loss", str(path)))
    replies: Any = worker._replies
    message = decoded(replies.getvalue().splitlines()[-1])
    assert isinstance(message, Ended | Failed)
    return message


@pytest.fixture
def cut_off(worker: Worker, tmp_path: Path) -> RunDirectory:
    """A run of which two of four epochs are done."""
    assert isinstance(done(worker, tmp_path / "run", epochs=2), Ended)
    run = RunDirectory.open(tmp_path / "run")
    run.result_file.unlink()
    return run


@pytest.fixture
def weights(worker: Worker, tmp_path: Path) -> bytes:
    """Those of a run that nothing disturbed."""
    assert isinstance(done(worker, tmp_path / "whole"), Ended)
    return RunDirectory(tmp_path / "whole").checkpoints.joinpath("last.safetensors").read_bytes()


def last(run: RunDirectory) -> bytes:
    return (run.checkpoints / "last.safetensors").read_bytes()


def other_versions(run: RunDirectory) -> None:
    ran = run.environment()
    ran["packages"]["pillow"] = "9.9"
    run.write_environment(ran)


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (other_versions, "packages.pillow was 9.9, now"),
        (lambda run: run.environment_file.write_text(""), "environment.json:1:1: not JSON"),
        (lambda run: run.environment_file.unlink(), "environment.json: no such file"),
        (lambda run: run.resolved_file.write_text("name: other\n"), "resolved.yaml"),
        (lambda run: run.resolved_file.unlink(), "resolved.yaml: "),
        (lambda run: (run.checkpoints / "manifest.json").write_text("{}"), "has no entry for last"),
        (lambda run: run.metrics_file.write_text(""), "metrics.csv: its first"),
    ],
)
def test_progress_that_cannot_be_used_is_kept_and_said(
    worker: Worker, cut_off: RunDirectory, weights: bytes, harm: Any, words: str
) -> None:
    harm(cut_off)
    before = {each.name: each.stat().st_ino for each in cut_off.checkpoints.iterdir()}
    ended = done(worker, cut_off.path)
    assert isinstance(ended, Ended)
    (note,) = ended.notes
    kept = cut_off.path.with_name("run.kept-1")
    assert note.startswith(f"trained again from the start; the previous run is kept in {kept}: ")
    assert words in note
    assert {each.name: each.stat().st_ino for each in (kept / "checkpoints").iterdir()} == before
    assert last(cut_off) == weights


def test_a_restart_after_a_divergence_is_noted_once(tmp_path: Path) -> None:
    steep = {
        **SPEC,
        "optimizer": {"sgd": {"lr": 0.1}},
        "schedule": {"step": {"every": 1, "gamma": 1e30}},
        "on_divergence": {"lr_factor": 1e-30, "attempts": 1},
    }
    worker = Worker(Hello(json.dumps(steep), "spec.yaml", str(tmp_path)), io.BytesIO())
    paused = done(worker, tmp_path / "run", epochs=2)
    assert isinstance(paused, Ended)
    (note,) = paused.notes
    assert note.startswith("diverged and restarted from epoch 1: ")
    (restart,) = RunDirectory(tmp_path / "run").training_result()["restarts"]
    assert restart["reason"] in note


def test_what_was_kept_before_stays(worker: Worker, cut_off: RunDirectory) -> None:
    for number in (1, 2):
        cut_off.environment_file.write_text("")
        ended = done(worker, cut_off.path)
        assert isinstance(ended, Ended) and f"run.kept-{number}: " in ended.notes[0]


@pytest.mark.parametrize("left", [(), ("spec.yaml",), ("spec.yaml", "environment.json")])
def test_a_run_that_was_killed_before_there_was_much_begins_in_its_place(
    worker: Worker, tmp_path: Path, weights: bytes, left: tuple[str, ...]
) -> None:
    run = tmp_path / "run"
    run.mkdir()
    for name in left:
        shutil.copy(tmp_path / "whole" / name, run)
    (run / "lock").write_text("")
    (run / ".resolved.yaml.1234abcd.tmp").write_text("name")
    (run / "notes of mine.txt").write_text("keep")
    ended = done(worker, run)
    assert isinstance(ended, Ended) and ended.notes == []
    assert last(RunDirectory(run)) == weights
    names = {each.name for each in run.iterdir()}
    assert names == {each.name for each in (tmp_path / "whole").iterdir()} | {"notes of mine.txt"}


@pytest.mark.parametrize("text", ["", "{}", "null", '{"status": "completed"}', "[" * 100_000])
def test_a_broken_result_is_that_of_an_unfinished_run(
    worker: Worker, cut_off: RunDirectory, weights: bytes, text: str
) -> None:
    seconds = cut_off.metrics()["seconds"]
    cut_off.result_file.write_text(text)
    ended = done(worker, cut_off.path)
    assert isinstance(ended, Ended)
    assert len(ended.notes) == 1 and "result.json" in ended.notes[0]
    assert ended.notes[0].endswith("; the run is treated as unfinished")
    assert cut_off.metrics()["seconds"][:2] == seconds  # it was resumed
    assert last(cut_off) == weights


@pytest.mark.parametrize(
    "other",
    [
        {"ended_by": {"kind": "study_stopped", "number": None}},
        {"ended_by": {"kind": "rung", "number": 2}},
        {"ended_by": None},
    ],
)
def test_a_result_that_contradicts_itself_is_broken(
    worker: Worker, cut_off: RunDirectory, weights: bytes, other: dict[str, Any]
) -> None:
    ended = done(worker, cut_off.path)
    result = cut_off.result() | other
    cut_off.result_file.write_text(json.dumps(result))
    ended = done(worker, cut_off.path)
    assert isinstance(ended, Ended) and "'ended_by' must be" in ended.notes[0]
    assert last(cut_off) == weights


def test_files_of_others_stay_where_a_run_begins_again(
    worker: Worker, cut_off: RunDirectory
) -> None:
    """What is stored lies beyond the rung, so training begins again in the same directory."""
    (cut_off.path / "notes.txt").write_text("keep")
    ended = done(worker, cut_off.path, epochs=1)
    assert isinstance(ended, Ended) and ended.notes == []
    assert (cut_off.path / "notes.txt").read_text() == "keep"
    assert cut_off.result()["epochs"] == 1 and len(cut_off.metrics()["epoch"]) == 1


@pytest.mark.parametrize("where", ["run", "trials"])
def test_no_directory_is_a_link(
    worker: Worker, cut_off: RunDirectory, tmp_path: Path, where: str
) -> None:
    before = sorted(cut_off.path.rglob("*"))
    (tmp_path / "trials").mkdir()
    path = tmp_path / "trials" / "link"
    if where == "run":
        path.symlink_to(cut_off.path)
    else:
        (tmp_path / "trials").rmdir()
        (tmp_path / "trials").symlink_to(tmp_path)
        path = tmp_path / "trials" / "run"
    failed = done(worker, path)
    assert isinstance(failed, Failed) and failed.of_machine
    assert "is a symbolic link" in failed.reason
    assert sorted(cut_off.path.rglob("*")) == before


@pytest.mark.parametrize("code", ["ENOSPC", "EDQUOT", "EIO", "EACCES", "EROFS", "ENOMEM"])
@pytest.mark.parametrize("call", ["write", "replace", "open"])
def test_a_fault_of_the_machine_is_told_from_one_of_the_trial(
    worker: Worker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, call: str
) -> None:
    number, original = getattr(errno, code), getattr(os, call)

    def refuse(*arguments: Any, **named: Any) -> Any:
        if call == "open" and not arguments[1] & os.O_CREAT:
            return original(*arguments, **named)
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(os, call, refuse)
        failed = done(worker, tmp_path / "run")
    assert isinstance(failed, Failed) and failed.of_machine
    assert os.strerror(number).lower() in failed.reason and "internal" not in failed.reason
    assert isinstance(done(worker, tmp_path / "run"), Ended)


def test_data_that_may_not_be_read_is_no_fault_of_a_trial(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = {"csv": {"path": "data.csv", "target": "y"}}
    spec = {**SPEC, "data": {"source": source}, "params": {"units": 2}}
    original = os.open

    def refuse(path: Any, *arguments: Any, **named: Any) -> int:
        if str(path).endswith("data.csv"):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return original(path, *arguments, **named)

    monkeypatch.setattr(os, "open", refuse)
    worker = Worker(Hello(json.dumps(spec), "spec.yaml", str(tmp_path)), io.BytesIO())
    failed = done(worker, tmp_path / "run")
    assert isinstance(failed, Failed) and failed.of_machine
    monkeypatch.undo()
    failed = done(worker, tmp_path / "run")  # it is not there
    assert isinstance(failed, Failed) and not failed.of_machine


@pytest.mark.parametrize(("spent", "kind"), [(1800.0, "epochs"), (7200.0, "max_time")])
def test_the_time_limit_counts_over_all_rungs(tmp_path: Path, spent: float, kind: str) -> None:
    text = json.dumps({**SPEC, "max_time": "1h"})
    worker = Worker(Hello(text, "spec.yaml", str(tmp_path)), io.BytesIO())
    assert isinstance(done(worker, tmp_path / "run", epochs=2), Ended)
    manifest = tmp_path / "run" / "checkpoints" / "manifest.json"
    content = json.loads(manifest.read_text())
    content["last.safetensors"]["seconds"] = spent  # as if the first rung had taken so long
    manifest.write_text(json.dumps(content))
    assert isinstance(done(worker, tmp_path / "run"), Ended)
    result = RunDirectory(tmp_path / "run").result()
    assert result["ended_by"]["kind"] == kind
    assert result["epochs"] == (4 if kind == "epochs" else 2)
