from __future__ import annotations

import csv
import json
import math
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from processes import heeding
from safetensors.numpy import load_file

Dlrun = Callable[..., subprocess.CompletedProcess[str]]
Spec = Callable[..., Path]
Started = Callable[..., Any]

FOREVER: dict[str, Any] = {"epochs": 10_000_000}
"""Training that only a signal ends."""


def result_of(run: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((run / "result.json").read_text())
    return found


def weights_of(run: Path) -> bytes:
    return (run / "checkpoints" / "last.safetensors").read_bytes()


@pytest.mark.usefixtures("pictures")
def test_the_run_directory_holds_what_it_should(
    dlrun: Dlrun, spec: Spec, only_run: Callable[[], Path]
) -> None:
    path = spec(early_stopping={"patience": 5}, checkpoint={"every": {"epochs": 3}})
    path.write_bytes(b"# kept, byte for byte\r\n" + path.read_bytes())
    result = dlrun("train", path)
    assert (result.returncode, result.stderr) == (0, "")
    run = only_run()
    assert {str(each.relative_to(run)) for each in run.rglob("*") if each.is_file()} == {
        "spec.yaml",
        "resolved.yaml",
        "environment.json",
        "metrics.csv",
        "log.txt",
        "starts.jsonl",
        "split.csv",
        "confusion.csv",
        "curves.json",
        "result.json",
        "checkpoints/manifest.json",
        "checkpoints/best.safetensors",
        "checkpoints/last.safetensors",
        "plots/learning-curve.png",
        "plots/confusion.png",
        "plots/roc.png",
        "plots/precision-recall.png",
        "plots/calibration.png",
    }
    assert (run / "spec.yaml").read_bytes() == path.read_bytes()
    environment = json.loads((run / "environment.json").read_text())
    assert environment["command"][-2:] == ["train", str(path)]
    assert {"python", "packages", "cpu", "blas", "data"} <= environment.keys()
    assert result.stdout == (run / "log.txt").read_text()
    ended = result_of(run)
    assert (ended["status"], ended["epochs"], ended["weights"]) == ("completed", 3, "best")
    assert (run / "plots/learning-curve.png").read_bytes().startswith(b"\x89PNG")
    newest = max(run.rglob("*"), key=lambda each: each.stat().st_mtime_ns * each.is_file())
    assert newest.name == "result.json"


def test_no_pictures_are_drawn_or_left(
    dlrun: Dlrun, spec: Spec, only_run: Callable[[], Path]
) -> None:
    path = spec(epochs=2)
    assert dlrun("train", path, "-q", DLRUN_PICTURES="yes").returncode == 0
    plots = only_run() / "plots"
    assert (plots / "roc.png").exists()
    (plots / "mine.png").touch()
    again = dlrun("resume", only_run(), "epochs=3", "-q", DLRUN_PICTURES="no")
    assert (again.returncode, again.stderr) == (0, "")
    assert [each.name for each in plots.iterdir()] == ["mine.png"]


def test_metrics_are_exact_and_a_row_an_epoch(
    dlrun: Dlrun, spec: Spec, only_run: Callable[[], Path]
) -> None:
    result = dlrun("train", spec(), "--json")
    events = [json.loads(line) for line in result.stdout.splitlines()]
    assert [each["event"] for each in events] == ["run_started", *["epoch"] * 3, "run_ended"]
    with (only_run() / "metrics.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [{key: float(cell) for key, cell in row.items()} for row in rows] == [
        each["row"] for each in events[1:4]
    ]
    assert list(rows[0]) == [
        *("epoch", "step", "seconds", "lr"),
        *("train.loss", "train.accuracy", "validation.loss", "validation.accuracy"),
    ]
    assert Path(events[0]["directory"]).name == only_run().name
    assert events[-1]["metrics"] == result_of(only_run())["metrics"]
    assert "curves" not in events[-1]


def test_overrides_and_the_folder_of_runs(dlrun: Dlrun, spec: Spec, tmp_path: Path) -> None:
    result = dlrun(
        "train", spec(), "epochs=1", "optimizer.sgd.lr=0.5", "name=other", "--runs", "a/b", "-q"
    )
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    (run,) = tmp_path.glob("a/b/other/*")
    assert (run / "metrics.csv").read_text().splitlines()[1].split(",")[3] == "0.5"
    assert result_of(run)["epochs"] == 1
    assert not (tmp_path / "runs").exists()


@pytest.mark.parametrize("flag", ["--plain", None])
def test_a_pipe_gets_a_line_an_epoch(dlrun: Dlrun, spec: Spec, flag: str | None) -> None:
    result = dlrun("train", spec(), *[flag] if flag else [])
    assert sum(line.startswith("epoch ") for line in result.stdout.splitlines()) == 3
    assert "\x1b" not in result.stdout


def test_faults_are_lines_and_leave_no_directory(dlrun: Dlrun, spec: Spec, tmp_path: Path) -> None:
    path = spec(epochs=0, loss="cross_entropi", model=[{"dens": 8}])
    result = dlrun("train", path)
    lines = result.stderr.splitlines()
    assert (result.returncode, result.stdout, len(lines)) == (2, "", 3)
    assert all(re.match(rf"{re.escape(str(path))}:\d+:\d+: ", line) for line in lines)
    assert "'dense'" in lines[0]
    assert not (tmp_path / "runs").exists()


def test_a_network_too_large_for_the_machine_is_a_line(
    dlrun: Dlrun, spec: Spec, tmp_path: Path
) -> None:
    model = [{"dense": 10**7}, {"dense": 10**7}, {"dense": "${classes}"}]
    result = dlrun("train", spec(model=model))
    (line,) = result.stderr.splitlines()
    assert result.returncode == 2
    assert re.match(
        rf"{re.escape(str(tmp_path))}/spec\.yaml:\d+:\d+: the network needs at least ", line
    )
    assert not (tmp_path / "runs").exists()


def test_a_folder_of_runs_that_cannot_be(dlrun: Dlrun, spec: Spec, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = dlrun("train", spec(), "--runs", "file")
    assert (result.returncode, len(result.stderr.splitlines())) == (2, 1)
    assert "a folder of this path is a file" in result.stderr


def test_a_divergence_says_where_and_keeps_the_best(
    dlrun: Dlrun, spec: Spec, only_run: Callable[[], Path]
) -> None:
    # Every second epoch multiplies the rate.
    schedule = {"step": {"every": 2, "gamma": 1e12}}
    result = dlrun("train", spec(epochs=50, optimizer={"sgd": {"lr": 0.1}}, schedule=schedule))
    run, ended = only_run(), result_of(only_run())
    assert (result.returncode, result.stderr) == (3, "")
    assert ended["status"] == "diverged"
    assert re.search(r"epoch \d+, step \d+, at a learning rate of [\d.e+]+;", ended["reason"])
    assert ended["reason"] in result.stdout
    assert (ended["weights"], ended["best_epoch"] > 0) == ("best", True)
    for values in load_file(run / "checkpoints/best.safetensors").values():
        assert all(math.isfinite(value) for value in values.ravel())
    assert math.isfinite(ended["metrics"]["validation.loss"])


@pytest.mark.parametrize("folds", [False, True])
def test_a_divergence_is_no_quiet_end(dlrun: Dlrun, spec: Spec, folds: bool) -> None:
    data = {"source": "iris", "split": {"folds": 2} if folds else {"validation": 0.3}}
    result = dlrun("train", spec(optimizer={"sgd": {"lr": 1e30}}, data=data), "--quiet")
    assert result.returncode == 3
    assert result.stdout == ""
    lines = result.stderr.splitlines()
    assert len(lines) == (2 if folds else 1)
    for line in lines:
        assert re.search(r"^runs/.*: diverged: .* in epoch 1, step \d+, at a learning rate", line)


def test_a_divergence_in_the_first_step_is_complete_too(
    dlrun: Dlrun, spec: Spec, only_run: Callable[[], Path]
) -> None:
    result = dlrun("train", spec(optimizer={"sgd": {"lr": 1e38}}), "--json")
    ended = result_of(only_run())
    assert (result.returncode, result.stderr) == (3, "")
    assert (ended["status"], ended["epochs"], ended["best_epoch"]) == ("diverged", 0, 0)
    last = json.loads(result.stdout.splitlines()[-1], parse_constant=pytest.fail)
    assert last["status"] == "diverged"


def test_early_stopping_ends_a_run_as_completed(
    dlrun: Dlrun, spec: Spec, only_run: Callable[[], Path]
) -> None:
    rules = {"monitor": "validation.accuracy", "patience": 3, "baseline": 1.0}
    assert dlrun("train", spec(epochs=50, early_stopping=rules)).returncode == 0
    ended = result_of(only_run())
    assert (ended["status"], ended["epochs"], ended["best_epoch"]) == ("completed", 3, 0)
    assert ended["reason"] == "early stopping: validation.accuracy never beat the baseline"
    assert ended["weights"] == "last"


def test_max_time_stops_a_run_that_can_go_on(
    dlrun: Dlrun, spec: Spec, only_run: Callable[[], Path]
) -> None:
    result = dlrun("train", spec(max_time="0.3s", **FOREVER), "-q")
    ended = result_of(only_run())
    assert result.returncode == 75
    assert (ended["status"], ended["reason"]) == ("stopped", "max_time of 0.3 s is over")
    assert ended["seconds"] < 5


@pytest.mark.usefixtures("pictures")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1])
def test_the_first_signal_ends_a_run_with_its_results(
    started: Started, spec: Spec, only_run: Callable[[], Path], number: signal.Signals
) -> None:
    process = started("train", spec(early_stopping={"patience": 10_000_000}, **FOREVER))
    while not process.stdout.readline().startswith("epoch"):
        pass
    process.send_signal(number)
    out, err = process.communicate(timeout=30)
    run, ended = only_run(), result_of(only_run())
    assert (process.returncode, err) == (75, "")
    assert (ended["status"], ended["reason"]) == ("stopped", f"stopped by {number.name}")
    assert out.splitlines()[-5].startswith(f"stopped after {ended['epochs']:,} epoch")
    assert len((run / "metrics.csv").read_text().splitlines()) == ended["epochs"] + 1
    assert {"last.safetensors", "best.safetensors"} <= {
        each.name for each in (run / "checkpoints").iterdir()
    }
    assert (run / "plots/learning-curve.png").exists()
    assert ended["metrics"].keys() >= {"validation.loss", "test.accuracy"}


def test_a_signal_in_the_first_epoch(
    started: Started, spec: Spec, only_run: Callable[[], Path]
) -> None:
    data = {"source": {"blobs": {"samples": 2_000_000}}, "batch_size": 2}
    process = started("train", spec(data=data))
    while not process.stdout.readline().startswith("run directory"):
        pass
    process.send_signal(signal.SIGINT)
    assert process.communicate(timeout=60)[1] == ""
    assert process.returncode == 75
    ended = result_of(only_run())
    assert (ended["status"], ended["epochs"], ended["best_epoch"]) == ("stopped", 0, 0)
    assert (only_run() / "checkpoints/last.safetensors").exists()


SLOW = """
import sys, time
from dlrun.cli import app
from dlrun.pictures import plots
def draw(*_):
    print("drawing", flush=True)
    time.sleep(30)
plots.draw = draw
sys.exit(app.run(["train", sys.argv[1]]))
"""


@pytest.mark.usefixtures("pictures")
def test_a_second_signal_ends_at_once(
    spec: Spec, tmp_path: Path, only_run: Callable[[], Path]
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SLOW, spec()],
        cwd=tmp_path,
        preexec_fn=heeding,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        while process.stdout.readline() != "drawing\n":
            pass
        process.send_signal(signal.SIGINT)
        with pytest.raises(subprocess.TimeoutExpired):  # the first one is only noted
            process.wait(0.3)
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=10)
    assert (process.returncode, err) == (143, "")
    assert not (only_run() / "result.json").exists()


@pytest.mark.usefixtures("pictures")
def test_a_signal_behind_training_changes_nothing(
    spec: Spec, tmp_path: Path, only_run: Callable[[], Path]
) -> None:
    program = SLOW.replace("time.sleep(30)", "sys.stdin.readline()")
    with subprocess.Popen(
        [sys.executable, "-c", program, spec()],
        cwd=tmp_path,
        preexec_fn=heeding,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        while process.stdout.readline() != "drawing\n":
            pass
        process.send_signal(signal.SIGTERM)
        process.communicate("\n", timeout=30)
    assert process.returncode == 0
    assert result_of(only_run())["status"] == "completed"


def test_a_signal_that_is_ignored_stays_so(
    spec: Spec, tmp_path: Path, only_run: Callable[[], Path]
) -> None:
    with subprocess.Popen(
        ["sh", "-c", f"trap '' HUP; exec {sys.executable} -m dlrun train spec.yaml max_time=1s"],
        cwd=spec(**FOREVER).parent,
        preexec_fn=heeding,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        while not process.stdout.readline().startswith("epoch"):
            pass
        process.send_signal(signal.SIGHUP)
        process.communicate(timeout=30)
    assert process.returncode == 75
    assert result_of(only_run())["reason"] == "max_time of 1 s is over"


@pytest.mark.parametrize("flag", ["--plain", "--json"])
def test_training_ends_well_when_the_reader_goes_away(
    started: Started, spec: Spec, only_run: Callable[[], Path], flag: str
) -> None:
    process = started("train", spec(epochs=200), flag)
    assert process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == ""
    assert process.wait(30) == 0
    assert result_of(only_run())["epochs"] == 200


def test_a_divergence_is_told_by_the_code_when_the_reader_has_gone(
    started: Started, spec: Spec
) -> None:
    process = started("train", spec(optimizer={"sgd": {"lr": 1e38}}))
    process.stdout.close()
    assert process.stderr.read() == ""
    assert process.wait(30) == 3


def test_live_on_a_terminal(screen: Callable[..., Any], spec: Spec) -> None:
    # Enough epochs for several drawings, 0.1 s apart.
    shown = screen("train", spec(max_time="1s", **FOREVER))
    text = shown.read()
    assert shown.process.wait(30) == 75
    assert text.rindex("\x1b[?25h") > text.rindex("\x1b[?25l")
    assert re.search(r"epoch \d+/10000000", text)
    assert "max_time of 1 s is over" in text
    assert not [line for line in plain(text).splitlines() if len(line) > 80]


@pytest.mark.slow
def test_no_color_on_a_terminal(screen: Callable[..., Any], spec: Spec) -> None:
    shown = screen("train", spec(), NO_COLOR="1")
    text = shown.read()
    assert shown.process.wait(30) == 0
    assert not re.search(r"\x1b\[[0-9;]*3[0-7][;m]", text)
    assert "completed" in text


@pytest.mark.slow
def test_an_interrupt_gives_the_terminal_back(screen: Callable[..., Any], spec: Spec) -> None:
    shown = screen("train", spec(**FOREVER))
    shown.read("epoch 2")
    shown.process.send_signal(signal.SIGINT)
    text = shown.read()
    assert shown.process.wait(30) == 75
    assert text.rindex("\x1b[?25h") > text.rindex("\x1b[?25l")
    assert "Traceback" not in text
    assert "stopped by SIGINT" in text


def test_a_lost_terminal_loses_no_results(
    screen: Callable[..., Any], spec: Spec, only_run: Callable[[], Path]
) -> None:
    shown = screen("train", spec(**FOREVER))
    shown.read("best")
    shown.hang_up()
    shown.process.send_signal(signal.SIGHUP)
    assert shown.process.wait(30) == 75
    assert result_of(only_run())["reason"] == "stopped by SIGHUP"


def test_the_resolved_spec_trains_to_the_same_bits(
    dlrun: Dlrun, spec: Spec, tmp_path: Path
) -> None:
    rows = "".join(f"{x},{'ab'[x % 2]},{'yn'[x % 3 == 0]}\n" for x in range(60))
    spec("sub/spec.yaml")
    (tmp_path / "sub/data.csv").write_text("x,letter,three\n" + rows)
    (tmp_path / "sub/validation.csv").write_text("x,letter,three\n" + rows[-100:].split("\n", 1)[1])
    data = {
        "source": {"csv": {"path": "data.csv", "target": "three"}},
        "split": {"validation": "validation.csv"},
        "preprocess": ["one_hot", "standardize"],
    }
    spec("sub/spec.yaml", data=data, params={"units": 5}, model=[{"dense": "${units}"}, "tanh",
         {"dropout": 0.2}, {"dense": "${classes}"}])  # fmt: skip
    assert dlrun("train", "sub/spec.yaml", "--runs", "one", "params.units=7").returncode == 0
    (one,) = tmp_path.glob("one/small/*")
    assert dlrun("train", one / "resolved.yaml", "--runs", "two").returncode == 0
    (two,) = tmp_path.glob("two/small/*")
    assert weights_of(one) == weights_of(two)
    assert (one / "resolved.yaml").read_bytes() == (two / "resolved.yaml").read_bytes()


@pytest.mark.slow
def test_the_same_bits_at_any_number_of_threads(dlrun: Dlrun, spec: Spec, tmp_path: Path) -> None:
    path = spec(
        data={"source": "digits", "split": {"validation": 0.2}, "batch_size": 100},
        model=[
            {"conv": {"filters": 8, "kernel": 3}},
            "batch_norm",
            "relu",
            {"max_pool": 2},
            "flatten",
            {"dropout": 0.3},
            {"dense": 64},
            "tanh",
            {"dense": "${classes}"},
        ],
        epochs=2,
    )
    for threads in ("1", "2", "3"):
        names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "DLRUN_THREADS")
        variables = dict.fromkeys(names, threads)
        assert dlrun("train", path, "--runs", threads, **variables).returncode == 0
        (run,) = tmp_path.glob(f"{threads}/small/*")
        assert json.loads((run / "environment.json").read_text())["threads"] == int(threads)
    assert len({weights_of(run) for run in tmp_path.glob("[123]/small/*")}) == 1
    assert len(list(tmp_path.glob("[123]/small/*"))) == 3


def plain(text: str) -> str:
    """What escape sequences leave of a text."""
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text).replace("\r", "\n")


def test_a_profile_is_shown_and_kept(
    dlrun: Dlrun, spec: Spec, only_run: Callable[[], Path]
) -> None:
    result = dlrun("train", spec(), "--profile")
    run = only_run()
    assert (result.returncode, result.stderr) == (0, "")
    log = (run / "log.txt").read_text()
    assert result.stdout.startswith(log)
    lines = result.stdout.removeprefix(log).splitlines()
    assert lines[0].startswith("profile  ")
    assert lines[1].split() == [
        "calls",
        "time",
        "share",
        "ms",
        "per",
        "call",
        "threads",
        "GFLOP/s",
    ]
    with (run / "profile/layers.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    shown = [line.split() for line in lines[2:-1]]
    assert [cells[0] for cells in shown] == [row["part"].split()[0] for row in rows]
    assert {("dense_1", "forward"), ("dense_2", "backward"), ("optimizer", "")} <= {
        (row["part"], row["direction"]) for row in rows
    }
    assert sum(float(row["share"]) for row in rows) == pytest.approx(1)
    trace = json.loads((run / "profile/trace.json").read_text())
    assert {"name", "ph", "ts", "dur", "pid", "tid"} <= trace["traceEvents"][-1].keys()
    assert lines[-1].endswith("profile/trace.json")
    newest = max(run.rglob("*"), key=lambda each: each.stat().st_mtime_ns * each.is_file())
    assert newest.name == "result.json"


def test_a_profile_as_json_and_in_silence(dlrun: Dlrun, spec: Spec, tmp_path: Path) -> None:
    result = dlrun("train", spec(), "--profile", "--json")
    last = json.loads(result.stdout.splitlines()[-1])
    assert (last["event"], last["steps"]) == ("profile", 3 * 5 - 1)
    assert last["rows"][0]["part"] == "dense_1"
    assert dlrun("train", spec(), "--profile", "-q", "--runs", "quiet").stdout == ""
    assert len(list(tmp_path.glob("quiet/*/*/profile/*"))) == 2


DIGITS = Path(__file__).parents[3] / "experiments" / "quickstart" / "digits-cnn.yaml"


@pytest.mark.slow
def test_frozen_layers_stay_as_they_are(dlrun: Dlrun, tmp_path: Path) -> None:
    freeze = "groups=[{match: 'conv_[12]*', freeze: true}, {match: batch_norm_1, freeze: true}]"
    found = []
    for epochs, *words in (("1", freeze), ("2", freeze), ("1",)):
        runs = tmp_path / f"runs-{len(found)}"
        words = ("schedule.cosine.warmup=0", *words)
        done = dlrun("train", DIGITS, f"epochs={epochs}", *words, "--runs", runs, "--quiet")
        assert (done.returncode, done.stderr) == (0, "")
        (run,) = (runs / "digits-cnn").iterdir()
        found.append(load_file(run / "checkpoints" / "last.safetensors"))
    one, two, free = found
    assert one.keys() == free.keys()
    for name in one:
        if name.startswith("training."):
            continue
        held = name.startswith(("conv_1.", "conv_2.", "batch_norm_1.", "preprocess."))
        assert (one[name].tobytes() == two[name].tobytes()) == held, name
    assert one["conv_1.kernel"].tobytes() != free["conv_1.kernel"].tobytes()


def test_a_group_that_matches_nothing_is_a_fault_at_its_place(dlrun: Dlrun, spec: Spec) -> None:
    path = spec(groups=[{"match": "dense_1"}, {"match": "dens_*", "freeze": True}])
    line = path.read_text().partition('"dens_*"')[0].count("\n") + 1
    result = dlrun("train", path)
    (fault,) = result.stderr.splitlines()
    assert result.returncode == 2
    assert fault.startswith(f"{path}:{line}:")
    assert fault.endswith(
        "no parameter matches 'dens_*'; known: dense_1.kernel, dense_1.bias, "
        "dense_2.kernel, dense_2.bias"
    )


@pytest.mark.parametrize("option", ["--json", "--quiet"])
def test_errors_of_a_spec_are_lines_on_standard_error(
    dlrun: Dlrun, spec: Spec, option: str
) -> None:
    result = dlrun("train", spec(epochs="many"), option)
    assert (result.returncode, result.stdout) == (2, "")
    assert "spec.yaml:" in result.stderr.splitlines()[0]
