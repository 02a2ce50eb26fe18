"""A cross-validation that was interrupted, and is resumed with all its folds."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dlrun.run_directory.lock import Lock

Dlrun = Callable[..., subprocess.CompletedProcess[str]]
Spec = Callable[..., Path]

DATA: dict[str, Any] = {
    "source": {"blobs": {"samples": 110, "noise": 2.0}},
    "split": {"validation": 0.2, "folds": 3},
    "batch_size": 16,
}
EPOCHS = 400
"""Long enough to be interrupted within a fold."""


def weights(whole: Path) -> list[bytes]:
    """The last checkpoints of all folds."""
    names = [f"fold-{number}/checkpoints/last.safetensors" for number in (1, 2, 3)]
    return [(whole / name).read_bytes() for name in names]


def result(whole: Path) -> dict[str, Any]:
    """The result without the time it took."""
    found: dict[str, Any] = json.loads((whole / "result.json").read_text())
    del found["seconds"]
    return found


def whole_of(dlrun: Dlrun, folder: Path, *words: object) -> Path:
    """The directory of a cross-validation that nothing interrupts."""
    assert dlrun("train", *words, "-q", "--runs", folder / "whole").returncode == 0
    (found,) = (folder / "whole").glob("*/*")
    return found


def interrupted(started: Callable[..., Any], path: Path, fold: int, by: signal.Signals) -> int:
    """Train until the first epochs of a fold, and send a signal; the exit code."""
    process = started("train", path, "--resume", "auto", "--plain")
    reached = False
    for line in process.stdout:
        reached |= line.startswith(f"fold {fold} of")
        if reached and line.startswith("epoch "):
            break
    process.send_signal(by)
    process.communicate(timeout=60)
    return int(process.returncode)


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGKILL])
def test_it_has_the_bits_of_one_that_was_not_interrupted(
    dlrun: Dlrun,
    started: Callable[..., Any],
    spec: Spec,
    only_run: Callable[[], Path],
    tmp_path: Path,
    by: signal.Signals,
) -> None:
    path = spec(data=DATA, epochs=EPOCHS)
    code = interrupted(started, path, 2, by)
    assert code == (75 if by == signal.SIGTERM else -signal.SIGKILL)
    first = (only_run() / "fold-1" / "metrics.csv").stat().st_mtime_ns
    assert not (only_run() / "fold-3").exists()
    resumed = dlrun("train", path, "--resume", "auto")
    assert (resumed.returncode, resumed.stderr) == (0, "")
    lines = resumed.stdout.splitlines()
    assert [line for line in lines if line.startswith("fold ")] == ["fold 2 of 3", "fold 3 of 3"]
    assert (only_run() / "fold-1" / "metrics.csv").stat().st_mtime_ns == first
    whole = whole_of(dlrun, tmp_path, path)
    assert weights(only_run()) == weights(whole)
    assert result(only_run()) == result(whole)
    assert not list(only_run().glob("**/lock"))


def test_the_command_says_how_to_resume_and_the_directory_resumes(
    dlrun: Dlrun, spec: Spec, only_run: Callable[[], Path], tmp_path: Path
) -> None:
    stopped = dlrun("train", spec(data=DATA), "max_time=0.001s", "epochs=2")
    assert stopped.returncode == 75
    directory = only_run().relative_to(tmp_path)
    assert stopped.stdout.splitlines()[-1] == f"resume with: dlrun resume {directory}"
    assert f"resume:\n  dlrun resume {directory}" in dlrun("show", directory).stdout
    resumed = dlrun("resume", only_run(), "max_time=1h", "--json")
    assert resumed.returncode == 0
    events = [json.loads(line) for line in resumed.stdout.splitlines()]
    assert [each["fold"] for each in events if each["event"] == "fold_started"] == [1, 2, 3]
    assert events[-1]["event"] == "folds_ended"
    whole = whole_of(dlrun, tmp_path, spec(data=DATA), "epochs=2")
    assert weights(only_run()) == weights(whole)
    assert (only_run() / "spec.yaml").read_bytes() == (whole / "spec.yaml").read_bytes()
    assert (only_run() / "fold-3/spec.yaml").read_bytes() == (whole / "spec.yaml").read_bytes()


def test_a_finished_one_is_told_and_stays(
    dlrun: Dlrun, spec: Spec, only_run: Callable[[], Path], tmp_path: Path
) -> None:
    path = spec(data=DATA, epochs=1)
    assert dlrun("train", path, "--resume", "auto", "-q").returncode == 0
    before = {each: each.read_bytes() for each in only_run().rglob("*") if each.is_file()}
    directory = only_run().relative_to(tmp_path)
    for words in (("train", path, "--resume"), ("resume", directory)):
        again = dlrun(*words)
        assert (again.returncode, again.stdout) == (0, "")
        assert again.stderr == f"{directory}: already finished: all 3 folds are done\n"
    after = {each: each.read_bytes() for each in only_run().rglob("*") if each.is_file()}
    assert after == before
    (only_run() / "result.json").unlink()  # as if it was killed just before
    assert dlrun("resume", directory).returncode == 0
    assert (only_run() / "result.json").read_bytes() == before[only_run() / "result.json"]


def test_one_that_diverged_is_not_trained_again(
    dlrun: Dlrun, spec: Spec, only_run: Callable[[], Path]
) -> None:
    path = spec(data=DATA, optimizer={"sgd": {"lr": 1e38}})
    assert dlrun("train", path, "--resume", "auto", "-q").returncode == 3
    before = result(only_run())
    again = dlrun("train", path, "--resume", "auto")
    assert (again.returncode, again.stdout) == (3, "")
    assert "already finished: fold 1: " in again.stderr
    assert result(only_run()) == before


def test_more_epochs_train_every_fold_further(
    dlrun: Dlrun, spec: Spec, only_run: Callable[[], Path], tmp_path: Path
) -> None:
    path = spec(data=DATA)
    assert dlrun("train", path, "epochs=1", "--resume", "auto", "-q").returncode == 0
    assert dlrun("train", path, "epochs=3", "--resume", "auto", "-q").returncode == 0
    whole = whole_of(dlrun, tmp_path, path, "epochs=3")
    assert weights(only_run()) == weights(whole)
    assert result(only_run()) == result(whole)


def test_what_has_changed_is_named(
    dlrun: Dlrun, spec: Spec, only_run: Callable[[], Path], tmp_path: Path
) -> None:
    def write_data(shift: float) -> None:
        rows = np.random.default_rng(0).normal(shift, 1.0, (60, 2))
        lines = [f"{a},{b},{'yes' if a > shift else 'no'}" for a, b in rows]
        (tmp_path / "d.csv").write_text("\n".join(["a,b,label", *lines]))

    write_data(0.0)
    source = {"csv": {"path": "d.csv", "target": "label"}}
    path = spec(data={**DATA, "source": source}, epochs=1)
    assert dlrun("train", path, "max_time=0.001s", "-q").returncode == 75
    whole = only_run()
    for words, what in (
        (["data.split.folds=5"], "data.split.folds was 3, now 5"),
        (["seed=9"], "seed was 3, now 9"),
    ):
        refused = dlrun("resume", whole, *words)
        assert refused.returncode == 2
        assert f"{whole}: cannot resume: {what}; restore that" in refused.stderr
    refused = dlrun("resume", whole, "data.split.folds=5", "--allow-changes")
    assert refused.returncode == 2
    assert refused.stderr.endswith("restore that, or start a new run (without --resume)\n")
    write_data(1.0)
    refused = dlrun("resume", whole, "max_time=1h")
    assert refused.returncode == 2
    assert f"{whole}: the values of the data have changed since its first fold" in refused.stderr
    assert result(whole)["status"] == "stopped"
    assert dlrun("resume", whole, "max_time=1h", "--allow-changes", "-q").returncode == 0
    assert result(whole)["status"] == "completed"
    environment = json.loads((whole / "environment.json").read_text())
    assert environment["earlier"][0]["data"] != environment["data"]


def test_no_second_process_trains_in_it(
    dlrun: Dlrun, spec: Spec, only_run: Callable[[], Path]
) -> None:
    path = spec(data=DATA, epochs=1)
    assert dlrun("train", path, "--resume", "auto", "max_time=0.001s", "-q").returncode == 75
    lock = Lock.acquire(only_run())
    try:
        refused = dlrun("train", path, "--resume", "auto", "max_time=1h")
        assert refused.returncode == 2
        assert f"process {os.getpid()} on " in refused.stderr
    finally:
        lock.release()
    assert dlrun("train", path, "--resume", "auto", "max_time=1h", "-q").returncode == 0


def test_half_made_folds_are_made_and_links_refused(
    dlrun: Dlrun, spec: Spec, only_run: Callable[[], Path], tmp_path: Path
) -> None:
    path = spec(data=DATA, epochs=1)
    assert dlrun("train", path, "max_time=0.001s", "-q").returncode == 75
    (elsewhere := tmp_path / "elsewhere").mkdir()
    (only_run() / "fold-2").symlink_to(elsewhere)
    refused = dlrun("resume", only_run(), "max_time=1h")
    assert refused.returncode == 2
    assert f"{only_run() / 'fold-2'}: " in refused.stderr
    assert "link" in refused.stderr
    assert list(elsewhere.iterdir()) == []
    (only_run() / "fold-2").unlink()
    (only_run() / "fold-2").mkdir()  # by a process that was killed
    (only_run() / "fold-3").mkdir()
    (only_run() / "fold-3" / "metrics.csv").write_text("epoch\n1\n")
    refused = dlrun("resume", only_run(), "max_time=1h")
    assert refused.returncode == 2
    assert "fold-3: not a run directory: it has no resolved.yaml" in refused.stderr
    assert json.loads((only_run() / "fold-2/result.json").read_text())["status"] == "completed"


def test_without_a_run_resume_is_an_error_and_one_training_is_not_a_whole(
    dlrun: Dlrun, spec: Spec, only_run: Callable[[], Path]
) -> None:
    path = spec(data=DATA, epochs=1)
    refused = dlrun("train", path, "--resume")
    assert refused.returncode == 2
    assert "no run of it in runs/small to resume; --resume auto starts one" in refused.stderr
    alone = {**DATA, "split": {"validation": 0.2, "test": 0.2}}
    assert dlrun("train", spec(data=alone, epochs=1), "-q").returncode == 0
    refused = dlrun("train", spec(data=DATA, epochs=1), "--resume", "auto")
    assert refused.returncode == 2
    assert f"{only_run().name}: one training, not a cross-validation; start a new" in refused.stderr


def test_one_of_two_processes_that_start_at_once_is_refused(
    spec: Spec, only_run: Callable[[], Path], tmp_path: Path, started: Callable[..., Any]
) -> None:
    path = spec(data=DATA, epochs=EPOCHS)
    both = [started("train", path, "--resume", "auto", "-q") for _ in range(2)]
    errors = [each.communicate(timeout=120)[1] for each in both]
    codes = sorted(each.returncode for each in both)
    assert codes in ([0, 2], [0, 0])  # the second may find the first one finished
    assert result(only_run())["status"] == "completed"
    assert codes == [0, 0] or any("is writing here" in each for each in errors)
