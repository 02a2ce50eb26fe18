from __future__ import annotations

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from torture import outcome

from dlrun.errors import DataError
from dlrun.launch.resume import resume_run
from dlrun.launch.start import start
from dlrun.launch.training import Training

Dlrun = Callable[..., subprocess.CompletedProcess[str]]
Spec = Callable[..., Path]
Started = Callable[..., Any]

ALWAYS = {"checkpoint": {"every": {"steps": 1}, "share": 1.0}}
STOPPED = ("max_time=1e-9",)
"""Makes one step and stops."""


def rows(run: Path) -> list[list[str]]:
    return [line.split(",") for line in (run / "metrics.csv").read_text().splitlines()]


def test_the_same_command_starts_goes_on_and_says_that_it_is_done(
    dlrun: Dlrun, spec: Spec, only_run: Callable[[], Path], tmp_path: Path
) -> None:
    path = spec(**ALWAYS)
    command = ("train", path, "--resume", "auto", "optimizer.adam.lr=0.02")
    codes = [dlrun(*command, *STOPPED).returncode for _ in range(3)]
    assert codes == [75, 75, 75]
    done = dlrun(*command)
    assert (done.returncode, done.stderr) == (0, "")
    assert "resuming after step 3" in done.stdout
    again = dlrun(*command)
    assert (again.returncode, again.stdout) == (0, "")
    assert (
        again.stderr
        == f"{only_run().relative_to(tmp_path)}: already finished: all epochs are done\n"
    )
    assert dlrun("train", path, "optimizer.adam.lr=0.02", "--runs", "whole").returncode == 0
    (whole,) = tmp_path.glob("whole/*/*")
    assert outcome(only_run()) == outcome(whole)
    environment = json.loads((only_run() / "environment.json").read_text())
    assert len(environment["earlier"]) == 3
    assert (only_run() / "log.txt").read_text().count("resuming after") == 3


def test_resume_by_itself_wants_a_run(dlrun: Dlrun, spec: Spec, only_run: Any) -> None:
    path = spec(**ALWAYS)
    none = dlrun("train", path, "--resume")
    assert (none.returncode, len(none.stderr.splitlines())) == (2, 1)
    assert none.stderr.endswith("to resume; --resume auto starts one\n")
    assert dlrun("train", path, *STOPPED).returncode == 75
    other = dlrun("train", path, "--resume", "seed=4")
    assert other.returncode == 2
    assert dlrun("train", path, "--resume", "epochs=4").returncode == 0
    assert json.loads((only_run() / "result.json").read_text())["epochs"] == 4


def test_a_run_goes_on_by_its_directory(
    dlrun: Dlrun, spec: Spec, only_run: Callable[[], Path], tmp_path: Path
) -> None:
    path = spec("elsewhere/spec.yaml", **ALWAYS)
    assert dlrun("train", path, *STOPPED).returncode == 75
    path.unlink()
    assert dlrun("resume", only_run(), "max_time=null").returncode == 0
    path = spec("elsewhere/spec.yaml", **ALWAYS)
    assert dlrun("train", path, "--runs", "whole").returncode == 0
    (whole,) = tmp_path.glob("whole/*/*")
    assert outcome(only_run()) == outcome(whole)
    finished = dlrun("resume", only_run())
    assert (finished.returncode, finished.stdout) == (0, "")
    assert "already finished" in finished.stderr
    nothing = dlrun("resume", tmp_path)
    assert (nothing.returncode, len(nothing.stderr.splitlines())) == (2, 1)


def test_epochs_may_grow_behind_the_end(
    dlrun: Dlrun, spec: Spec, only_run: Callable[[], Path], tmp_path: Path
) -> None:
    path = spec(average={"ema": 0.9}, early_stopping={"patience": 50})
    assert dlrun("train", path, "epochs=2").returncode == 0
    grown = dlrun("train", path, "epochs=5", "--resume")
    assert (grown.returncode, grown.stderr) == (0, "")
    assert dlrun("train", path, "epochs=5", "--runs", "whole").returncode == 0
    (whole,) = tmp_path.glob("whole/*/*")
    assert outcome(only_run()) == outcome(whole)
    assert (only_run() / "resolved.yaml").read_bytes() == (whole / "resolved.yaml").read_bytes()
    fewer = dlrun("train", path, "epochs=4", "--resume")
    assert fewer.returncode == 2
    assert "epochs was 5, now 4: it can only grow" in fewer.stderr


def test_a_schedule_that_depends_on_epochs_is_told(dlrun: Dlrun, spec: Spec) -> None:
    path = spec(schedule="cosine")
    assert dlrun("train", path, "epochs=2", "-q").returncode == 0
    grown = dlrun("train", path, "epochs=3", "--resume", "-q")
    assert grown.returncode == 0
    assert "the schedule depends on epochs" in grown.stderr


def test_what_ended_by_itself_stays_ended(dlrun: Dlrun, spec: Spec) -> None:
    rules = {"monitor": "validation.accuracy", "patience": 2, "baseline": 1.0}
    path = spec(early_stopping=rules, epochs=9)
    assert dlrun("train", path, "-q").returncode == 0
    more = dlrun("train", path, "epochs=20", "--resume")
    assert (more.returncode, more.stdout) == (0, "")
    assert "already finished: early stopping" in more.stderr
    path = spec(optimizer={"sgd": {"lr": 1e38}})
    assert dlrun("train", path, "-q").returncode == 3
    again = dlrun("train", path, "--resume")
    assert again.returncode == 3
    assert "and the loss nan in epoch 1" in again.stderr


def changed_spec(path: Path) -> None:
    path.write_text(path.read_text().replace("0.01", "0.03").replace('"relu"', '"tanh"'))


def changed_data(path: Path) -> None:
    table = path.with_name("t.csv")
    table.write_text(table.read_text().replace("5,1", "6,1"))


def changed_plugin(path: Path) -> None:
    with path.with_name("own.py").open("a") as file:
        file.write("# other\n")


def changed_version(path: Path) -> None:
    (environment,) = path.parent.glob("runs/*/*/environment.json")
    environment.write_text(environment.read_text().replace('"numpy": "', '"numpy": "0.'))


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (changed_spec, "model.1 was relu, now tanh; optimizer.adam.lr was 0.01, now 0.03"),
        (changed_data, "the values of the data have changed"),
        (changed_plugin, "own.py was "),
        (changed_version, "packages.numpy was 0."),
    ],
)
def test_what_changes_the_result_is_named_and_refused(
    dlrun: Dlrun,
    spec: Spec,
    only_run: Callable[[], Path],
    tmp_path: Path,
    change: Callable[[Path], None],
    named: str,
) -> None:
    (tmp_path / "t.csv").write_text("x,y\n" + "".join(f"{n},{n % 2}\n" for n in range(60)))
    (tmp_path / "own.py").write_text("")
    data = {"source": {"csv": {"path": "t.csv", "target": "y"}}, "batch_size": 16}
    path = spec(data=data, plugins=["own.py"], **ALWAYS)
    assert dlrun("train", path, "--allow-plugins", *STOPPED).returncode == 75
    before = {each: each.read_bytes() for each in only_run().rglob("*.*") if each.is_file()}
    change(path)
    if change is changed_version:
        before[only_run() / "environment.json"] = (only_run() / "environment.json").read_bytes()
    for command in ("--resume",), ("--resume", "auto"):
        refused = dlrun("train", path, "--allow-plugins", *command)
        assert (refused.returncode, refused.stdout) == (2, "")
        *_, line = refused.stderr.splitlines()  # before it may stand what is trusted now
        assert "cannot resume: " in line
        assert named in line
    assert {each: each.read_bytes() for each in before} == before
    allowed = dlrun("train", path, "--resume", "--allow-changes", "max_time=null")
    assert allowed.returncode == 0
    assert "resumed although" in allowed.stderr


def test_weights_of_another_shape_do_not_fit(
    dlrun: Dlrun, spec: Spec, only_run: Callable[[], Path]
) -> None:
    path = spec(**ALWAYS)
    assert dlrun("train", path, *STOPPED).returncode == 75
    path.write_text(path.read_text().replace('"dense": 8', '"dense": 9'))
    refused = dlrun("train", path, "--resume", "--allow-changes")
    (line,) = refused.stderr.splitlines()
    assert refused.returncode == 2
    assert "'last' is not a checkpoint of this spec: its shape is " in line


@pytest.mark.slow
def test_two_processes_do_not_share_a_run(
    started: Started, dlrun: Dlrun, spec: Spec, only_run: Callable[[], Path]
) -> None:
    path = spec(epochs=10_000_000)
    first = started("train", path, "--resume", "auto")
    while not first.stdout.readline().startswith("epoch"):
        pass
    for command in (("train", path, "--resume", "auto"), ("resume", only_run())):
        second = dlrun(*command)
        assert second.returncode == 2
        (line,) = second.stderr.splitlines()
        assert f"process {first.pid} on " in line
    first.kill()
    first.wait()
    assert (only_run() / "lock").exists()
    assert dlrun("resume", only_run(), "max_time=0.1s").returncode == 75
    assert not (only_run() / "lock").exists()


FILES = ("last.safetensors", "previous.safetensors", "best.safetensors", "manifest.json")


def flipped(content: bytes, place: float) -> bytes:
    number = int(place * (len(content) - 1))
    return content[:number] + bytes([content[number] ^ 4]) + content[number + 1 :]


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "a bit at the start": lambda content: flipped(content, 0),
    "a bit in the middle": lambda content: flipped(content, 0.5),
    "a bit at the end": lambda content: flipped(content, 1),
    "half of it": lambda content: content[: len(content) // 2],
    "nothing": lambda content: b"",
}


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A folder with a run that was stopped, and what it would have ended with."""
    folder = tmp_path_factory.mktemp("stopped")
    data = {"source": {"blobs": {"samples": 110, "noise": 2.0}}, "batch_size": 16}
    keys = {"name": "small", "model": [{"dense": 8}, "relu", {"dense": 3}], "epochs": 3, **ALWAYS}
    text = json.dumps({"data": data, "loss": "cross_entropy", **keys})
    (folder / "spec.yaml").write_text(text)
    with start(folder / "spec.yaml", runs=folder / "whole") as training:
        list(training.events())
        training.finish(pictures=False)
    with start(folder / "spec.yaml", runs=folder / "runs") as training:
        for number, _ in enumerate(training.events()):
            if number == 9:
                break
    return folder, outcome(next(folder.glob("whole/*/*")))


@pytest.mark.parametrize("damage", DAMAGES)
@pytest.mark.parametrize("file", FILES)
def test_a_damaged_file_is_told_and_the_one_before_is_used(
    stopped: tuple[Path, dict[str, Any]], tmp_path: Path, file: str, damage: str
) -> None:
    folder, expected = stopped
    shutil.copytree(folder / "runs", tmp_path / "runs")
    (run,) = tmp_path.glob("runs/*/*")
    path = run / "checkpoints" / file
    path.write_bytes(DAMAGES[damage](path.read_bytes()))
    try:
        training = resume_run(run)
    except DataError as fault:
        assert file == "manifest.json"
        (line,) = fault.lines()
        assert "\n" not in line
        assert "manifest" in line
        return
    assert isinstance(training, Training)
    with training:
        if file == "last.safetensors":
            (note,) = training.notes
            assert note.startswith(f"{path}: the file is broken or was changed: ")
            assert note.endswith("; resuming from 'previous' instead")
        elif file != "manifest.json":
            assert training.notes == ()
        list(training.events())
        training.finish(pictures=False)
    assert outcome(run) == expected


def test_where_both_are_broken_there_is_a_line_and_nothing_is_lost(
    stopped: tuple[Path, dict[str, Any]], tmp_path: Path, dlrun: Dlrun
) -> None:
    shutil.copytree(stopped[0] / "runs", tmp_path / "runs")
    (run,) = tmp_path.glob("runs/*/*")
    for file in FILES[:2]:
        os.truncate(run / "checkpoints" / file, 100)
    before = {each: each.read_bytes() for each in run.rglob("*.*") if each.is_file()}
    done = dlrun("resume", run)
    (line,) = done.stderr.splitlines()
    assert done.returncode == 2
    assert "last.safetensors: the file is broken" in line
    assert "previous.safetensors: the file is broken" in line
    assert {each: each.read_bytes() for each in before} == before


def test_a_manifest_that_lacks_a_key_is_told(
    stopped: tuple[Path, dict[str, Any]], tmp_path: Path
) -> None:
    shutil.copytree(stopped[0] / "runs", tmp_path / "runs")
    (run,) = tmp_path.glob("runs/*/*")
    manifest = run / "checkpoints" / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"seconds"', '"sefonds"'))
    with pytest.raises(DataError, match="'last' is not a checkpoint of this spec: 'seconds'"):
        resume_run(run)


def test_rows_that_were_changed_are_told(
    stopped: tuple[Path, dict[str, Any]], tmp_path: Path, dlrun: Dlrun
) -> None:
    shutil.copytree(stopped[0] / "runs", tmp_path / "runs")
    (run,) = tmp_path.glob("runs/*/*")
    table = run / "metrics.csv"
    table.write_text(table.read_text().replace("1", "2", 1))
    done = dlrun("resume", run)
    (line,) = done.stderr.splitlines()
    assert done.returncode == 2
    assert "metrics.csv: its first" in line


def limited(size: int) -> Callable[[], None]:
    """No file may be longer than this, as if the disk were full."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


@pytest.mark.slow
def test_a_disk_that_is_full_leaves_what_was_stored(
    spec: Spec, dlrun: Dlrun, only_run: Callable[[], Path], tmp_path: Path
) -> None:
    # The log is the first file to grow beyond the limit.
    path = spec(epochs=60)
    command = [sys.executable, "-m", "dlrun", "train", str(path), "--resume", "auto", "-q"]
    full = subprocess.run(
        command,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        preexec_fn=limited(6_000),
        check=False,
    )
    (line,) = full.stderr.splitlines()
    assert full.returncode == 2
    assert line.endswith("file too large; raise the limit on file sizes (ulimit -f)")
    assert not list(only_run().rglob("*.tmp"))
    assert 0 < len(rows(only_run())) < 61
    assert subprocess.run(command, cwd=tmp_path, check=False).returncode == 0
    assert dlrun("train", path, "--runs", "whole").returncode == 0
    (whole,) = tmp_path.glob("whole/*/*")
    assert outcome(only_run()) == outcome(whole)


@pytest.mark.slow
def test_a_checkpoint_that_does_not_fit_leaves_the_one_before(
    spec: Spec, only_run: Callable[[], Path], tmp_path: Path
) -> None:
    path = spec(epochs=60, **ALWAYS)
    words = [sys.executable, "-m", "dlrun", "train", str(path), "--resume", "auto", "-q"]
    stopped = subprocess.run([*words, "max_time=0.3s"], cwd=tmp_path, check=False)
    assert stopped.returncode == 75
    folder = only_run() / "checkpoints"
    before = {each.name: each.read_bytes() for each in folder.iterdir()}
    full = subprocess.run(
        words, cwd=tmp_path, capture_output=True, text=True, preexec_fn=limited(3_000), check=False
    )
    (line,) = full.stderr.splitlines()
    assert full.returncode == 2
    assert "cannot write it: file too large" in line
    assert {each.name: each.read_bytes() for each in folder.iterdir()} == before


def test_numbers_that_are_not_finite_are_not_stored(
    dlrun: Dlrun, spec: Spec, only_run: Callable[[], Path]
) -> None:
    schedule = {"step": {"every": 2, "gamma": 1e12}}
    optimizer = {"sgd": {"lr": 0.1}}
    done = dlrun("train", spec(epochs=50, optimizer=optimizer, schedule=schedule, **ALWAYS), "-q")
    assert done.returncode == 3
    from safetensors.numpy import load_file

    for name in ("last", "previous"):
        arrays = load_file(only_run() / "checkpoints" / f"{name}.safetensors")
        for key, array in arrays.items():
            finite = bool((array == array).all()) and bool((abs(array * 1.0) < float("inf")).all())
            assert finite or not array.ndim, key


def test_a_second_signal_ends_at_once_and_leaves_what_was_stored(
    started: Started, dlrun: Dlrun, spec: Spec, only_run: Callable[[], Path], tmp_path: Path
) -> None:
    path = spec(epochs=10_000_000)
    process = started("train", path, "--resume", "auto")
    while not process.stdout.readline().startswith("epoch"):
        pass
    process.send_signal(signal.SIGUSR1)
    process.send_signal(signal.SIGTERM)
    _, err = process.communicate(timeout=30)
    assert process.returncode in (75, 143)  # the first may have been enough by then
    assert err == ""
    assert dlrun("train", path, "--resume", "auto", "-q", *STOPPED).returncode == 75
    assert [int(row[0]) for row in rows(only_run())[1:]] == list(range(1, len(rows(only_run()))))
