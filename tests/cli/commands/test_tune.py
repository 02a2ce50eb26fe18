"""``dlrun tune`` as a process: the same results however it is run, and whatever happens to it."""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from sweeps import SPEC, SWEEP, journal, write_sweep

Dlrun = Callable[..., subprocess.CompletedProcess[str]]
Started = Callable[..., Any]

FILES = ("leaderboard.csv", "leaderboard.md", "leaderboard.json", "best.yaml")
LONG = {**SPEC, "epochs": 120}
"""A spec whose runs take long enough to be hit while they run."""
BAYES = {"bayes": {"trials": 10, "batch": 3, "start": 4}}
WAIT = 60.0


def results(study: Path) -> dict[str, bytes]:
    return {name: (study / name).read_bytes() for name in FILES}


def wait_for(what: Callable[[], bool], process: Any = None) -> None:
    deadline = time.monotonic() + WAIT
    while not what():
        assert time.monotonic() < deadline
        assert process is None or process.poll() is None, process.communicate()
        time.sleep(0.005)


def count(study: Path, event: str) -> int:
    return sum(record["event"] == event for record in journal(study))


def children(process: Any) -> list[int]:
    path = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    return [int(word) for word in path.read_text().split()]


def training(study: Path, process: Any) -> list[int]:
    """Workers that have come to train a run, whose lock names them."""
    found = []
    for lock in (study / "trials").glob("*/lock"):
        with suppress(OSError, ValueError):
            found.append(json.loads(lock.read_text())["process"])
    return [worker for worker in children(process) if worker in found]


def first_in_training(study: Path, process: Any) -> int:
    """The first such worker; a lock is held once before the training, to see that nobody has it."""
    found: list[int] = []

    def comes() -> bool:
        found.extend(training(study, process))
        return bool(found)

    wait_for(comes, process)
    return found[0]


def ended_once(study: Path) -> None:
    ended = Counter(
        (each["trial"], each["repeat"], each["epochs"])
        for each in journal(study)
        if each["event"] == "ended"
    )
    assert set(ended.values()) == {1}


def pruned_by(name: str, trials: int = 9, **fields: int) -> dict[str, Any]:
    return {"search": {"random": {"trials": trials}}, "prune": {name: fields}}


@pytest.mark.slow
@pytest.mark.parametrize(
    "keys",
    [
        {"search": BAYES, "repeats": 2},
        pruned_by("halving", min_epochs=1, factor=2),
        pruned_by("hyperband", trials=12, min_epochs=1, factor=2),
        pruned_by("freeze_thaw", trials=12),
    ],
    ids=["bayes", "halving", "hyperband", "freeze_thaw"],
)
def test_results_do_not_depend_on_the_workers(
    dlrun: Dlrun, tmp_path: Path, keys: dict[str, Any]
) -> None:
    sweep = write_sweep(tmp_path, **keys)
    found = []
    for jobs in ("1", "2", "4"):
        result = dlrun("tune", sweep, "--jobs", jobs, "--studies", jobs, "--plain")
        assert (result.returncode, result.stderr) == (0, "")
        found.append(results(tmp_path / jobs / "search"))
    assert found[0] == found[1] == found[2]
    assert b"pruned" in found[0]["leaderboard.csv"] or "prune" not in keys


@pytest.mark.slow
def test_a_race_repeats_contenders_only(dlrun: Dlrun, started: Started, tmp_path: Path) -> None:
    space = {"optimizer.adam.lr": [1e-6, 1e-5, 0.02, 0.03, 0.04]}
    keys = {"search": "grid", "repeats": 4, "racing": True, "space": space}
    sweep = write_sweep(tmp_path, spec={**SPEC, "epochs": 30}, **keys)
    result = dlrun("tune", sweep, "--jobs", "1", "--plain", "--studies", "one")
    assert (result.returncode, result.stderr) == (0, "")
    board = json.loads((tmp_path / "one/search/leaderboard.json").read_text())
    assert [each["status"] for each in board["trials"]][-2:] == ["eliminated", "eliminated"]
    assert {each["trial"] for each in board["trials"][-2:]} == {0, 1}
    for each in board["trials"]:
        assert (len(each["values"]) == 4) == (each["status"] == "completed")
    assert board["winner"] in (2, 3, 4)
    assert re.search(r"trial 0 eliminated after [23] seeds: validation.loss", result.stdout)
    # Killed and with more workers, it is the same race.
    study = tmp_path / "studies" / "search"
    process = started("tune", sweep, "--jobs", "3", "-q")
    wait_for(lambda: count(study, "ended") >= 7, process)
    process.kill()
    process.communicate()
    assert dlrun("tune", sweep, "--jobs", "2", "-q").returncode == 0
    assert results(study) == results(tmp_path / "one" / "search")
    ended_once(study)
    assert dlrun("study", study).returncode == 0


@pytest.mark.slow
def test_a_killed_study_chooses_the_same_trials_to_train_further(
    dlrun: Dlrun, started: Started, tmp_path: Path
) -> None:
    keys = {"search": BAYES, "prune": "freeze_thaw"}
    sweep = write_sweep(tmp_path, spec={**SPEC, "epochs": 60}, **keys)
    assert dlrun("tune", sweep, "--jobs", "1", "--studies", "whole", "-q").returncode == 0
    study = tmp_path / "studies" / "search"
    for ends in (1, 6, 11, 15):
        process = started("tune", sweep, "--jobs", "3", "-q")
        wait_for(lambda: count(study, "ended") >= ends, process)  # noqa: B023
        process.kill()
        process.communicate()
    assert dlrun("tune", sweep, "--jobs", "2", "-q").returncode == 0
    assert results(study) == results(tmp_path / "whole" / "search")
    assert turns(study) == turns(tmp_path / "whole" / "search")
    ended_once(study)
    # A trial that trains further resumes from its checkpoint, in one directory.
    assert len(list((study / "trials").iterdir())) == 10
    assert b"pruned" in results(study)["leaderboard.csv"]


def turns(study: Path) -> list[dict[str, Any]]:
    """What a study suggested and decided."""
    return [each for each in journal(study) if each["event"] in ("batch", "turn", "pruned")]


@pytest.mark.slow
def test_brackets_of_hyperband_end_where_they_should(dlrun: Dlrun, tmp_path: Path) -> None:
    keys = pruned_by("hyperband", trials=10, min_epochs=1, factor=2)
    assert dlrun("tune", write_sweep(tmp_path, **keys), "-q").returncode == 0
    study = tmp_path / "studies" / "search"
    wanted = Counter((each["trial"], each["epochs"]) for each in journal(study) if is_end(each))
    # Four epochs have the rungs 1 and 2: four trials begin at 1, three at 2, three at the end.
    assert [sum(epochs == rung for _, epochs in wanted) for rung in (1, 2, 0)] == [4, 5, 5]
    assert {trial for trial, epochs in wanted if epochs == 0} >= {7, 8, 9}


def is_end(record: dict[str, Any]) -> bool:
    return bool(record["event"] == "ended")


ASYNCHRONOUS = [
    pruned_by("asha", trials=10, min_epochs=1, factor=2),
    pruned_by("median", trials=12, min_epochs=1, min_trials=3),
]


@pytest.mark.slow
@pytest.mark.parametrize("keys", ASYNCHRONOUS, ids=["asha", "median"])
def test_a_pruner_that_waits_for_nobody(
    dlrun: Dlrun, started: Started, tmp_path: Path, keys: dict[str, Any]
) -> None:
    sweep = write_sweep(tmp_path, **keys, repeats=2)
    trials = keys["search"]["random"]["trials"]
    assert dlrun("tune", sweep, "--jobs", "1", "--studies", "one", "-q").returncode == 0
    board = (tmp_path / "one/search/leaderboard.csv").read_text()
    assert "completed" in board and "pruned" in board and "unfinished" not in board
    # With one worker even these are reproducible, and interrupted as well.
    study = tmp_path / "studies" / "search"
    process = started("tune", sweep, "--jobs", "1", "-q")
    wait_for(lambda: count(study, "ended") >= 5, process)
    process.kill()
    process.communicate()
    assert dlrun("tune", sweep, "--jobs", "1", "-q").returncode == 0
    assert results(study) == results(tmp_path / "one" / "search")
    ended_once(study)
    # With more, every trial comes to an end all the same.
    result = dlrun("tune", sweep, "--jobs", "3", "--studies", "three", "--plain")
    assert (result.returncode, result.stderr) == (0, "")
    board = (tmp_path / "three/search/leaderboard.csv").read_text()
    assert "unfinished" not in board
    assert len(board.splitlines()) == 1 + trials
    ended_once(tmp_path / "three" / "search")


@pytest.mark.slow
@pytest.mark.parametrize(
    "keys",
    [
        {"prune": {"halving": {"min_epochs": 1, "factor": 2}}},
        {"repeats": 3, "racing": True},
    ],
    ids=["halving", "race"],
)
def test_a_longer_study_takes_nothing_back(
    dlrun: Dlrun, tmp_path: Path, keys: dict[str, Any]
) -> None:
    sweep = write_sweep(tmp_path, search={"bayes": {"trials": 12, "batch": 6}}, **keys)
    whole: set[int] = set()
    for trials in ("3", "5", "8", "12"):
        assert dlrun("tune", sweep, f"search.bayes.trials={trials}", "-q").returncode == 0
        board = json.loads((tmp_path / "studies/search/leaderboard.json").read_text())
        statuses = {each["trial"]: each["status"] for each in board["trials"]}
        assert len(statuses) == int(trials) and "unfinished" not in statuses.values()
        completed = {trial for trial, status in statuses.items() if status == "completed"}
        assert completed >= whole
        whole = completed
    ended_once(tmp_path / "studies" / "search")


@pytest.mark.slow
def test_a_longer_study_promotes_who_was_pruned(dlrun: Dlrun, tmp_path: Path) -> None:
    sweep = write_sweep(tmp_path, **ASYNCHRONOUS[0])
    found = []
    for trials in ("5", "10"):
        assert dlrun("tune", sweep, f"search.random.trials={trials}", "-q").returncode == 0
        board = json.loads((tmp_path / "studies/search/leaderboard.json").read_text())
        found.append(sum(each["status"] == "completed" for each in board["trials"]))
    assert found[0] < found[1]
    assert count(tmp_path / "studies/search", "batch") == 10


@pytest.mark.slow
def test_a_study_that_is_killed_goes_on(dlrun: Dlrun, started: Started, tmp_path: Path) -> None:
    sweep = write_sweep(tmp_path, spec=LONG, search=BAYES)
    assert dlrun("tune", sweep, "--studies", "whole", "-q").returncode == 0
    study = tmp_path / "studies" / "search"
    for event, times in (("batch", 1), ("started", 2), ("ended", 3), ("started", 7), ("ended", 8)):
        process = started("tune", sweep, "--jobs", "2", "-q")
        wait_for(lambda: count(study, event) >= times, process)  # noqa: B023
        process.kill()
        process.communicate()
    assert dlrun("tune", sweep, "--jobs", "2", "-q").returncode == 0
    assert results(study) == results(tmp_path / "whole" / "search")
    ended_once(study)
    assert count(study, "ended") == 10
    runs = list((study / "trials").iterdir())
    assert len(runs) == 10
    assert all((run / "result.json").exists() for run in runs)


@pytest.mark.slow
def test_a_run_that_ended_as_the_study_was_killed_is_not_run_again(
    dlrun: Dlrun, tmp_path: Path
) -> None:
    sweep = write_sweep(tmp_path, prune={"halving": {"min_epochs": 2, "factor": 2}})
    assert dlrun("tune", sweep, "-q").returncode == 0
    study = tmp_path / "studies" / "search"
    before, records = results(study), (study / "journal.jsonl").read_text().splitlines()
    last = max(n for n, line in enumerate(records) if json.loads(line)["event"] == "ended")
    lost = json.loads(records[last])
    # What a kill between the end of a run and its record leaves, in the middle of a line.
    torn = "\n".join([*records[:last], records[last][:40]])
    (study / "journal.jsonl").write_text(torn)
    assert dlrun("tune", sweep, "-q").returncode == 0
    assert results(study) == before
    found = next(each for each in reversed(journal(study)) if each["event"] == "ended")
    assert found == lost
    ended_once(study)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "event", "said"),
    [
        (signal.SIGSEGV, "crashed", "its process was killed by SIGSEGV; trying again"),
        (signal.SIGKILL, "interrupted", "its process was killed from outside by SIGKILL; it will"),
    ],
)
def test_a_crash_costs_an_attempt_and_a_kill_costs_none(
    dlrun: Dlrun,
    started: Started,
    tmp_path: Path,
    number: signal.Signals,
    event: str,
    said: str,
) -> None:
    sweep = write_sweep(tmp_path, spec=LONG)
    assert dlrun("tune", sweep, "--studies", "whole", "-q").returncode == 0
    study = tmp_path / "studies" / "search"
    process = started("tune", sweep, "--jobs", "2", "--plain")
    os.kill(first_in_training(study, process), number)
    out, err = process.communicate(timeout=WAIT)
    assert (process.returncode, err) == (0, "")
    (found,) = [each for each in journal(study) if each["event"] in ("crashed", "interrupted")]
    assert found["event"] == event
    assert f"trial {found['trial']}: {said}" in out
    assert results(study) == results(tmp_path / "whole" / "search")


@pytest.mark.slow
def test_a_run_that_crashes_again_and_again_has_failed(started: Started, tmp_path: Path) -> None:
    endless = {**SPEC, "epochs": 10_000_000}
    sweep = write_sweep(tmp_path, spec=endless, search={"random": {"trials": 1}}, retries=2)
    study = tmp_path / "studies" / "search"
    process = started("tune", sweep, "--jobs", "1", "--plain")
    for attempt in (1, 2, 3):
        wait_for(lambda: count(study, "started") == attempt, process)  # noqa: B023
        os.kill(first_in_training(study, process), signal.SIGSEGV)
    out, _ = process.communicate(timeout=WAIT)
    assert process.returncode == 3
    assert "trial 0 failed: its process was killed by SIGSEGV" in out
    assert count(study, "crashed") == 3
    board = (study / "leaderboard.csv").read_text()
    assert "failed" in board and "SIGSEGV" in board
    assert not (study / "best.yaml").exists()


def test_a_study_says_that_its_runs_were_trained_on_different_machines(
    dlrun: Dlrun, tmp_path: Path
) -> None:
    """Another machine is one whose processor has fewer instructions, as OpenBLAS sees it."""
    other = "ARMV8" if platform.machine() == "aarch64" else "Sandybridge"
    shown = []
    for trials, variables in ((1, {}), (2, {}), (3, {"OPENBLAS_CORETYPE": other})):
        sweep = write_sweep(tmp_path, search={"random": {"trials": trials}})
        result = dlrun("tune", sweep, "--plain", **variables)
        assert (result.returncode, result.stderr) == (0, "")
        shown.append("were trained with BLAS kernels" in result.stdout)
    assert shown == [False, False, True]
    assert "\ntrial 2: runs were trained with BLAS kernels" in result.stdout
    board = json.loads((tmp_path / "studies/search/leaderboard.json").read_text())
    assert other in board["circumstances"]["BLAS kernels"]
    assert other in (tmp_path / "studies/search/leaderboard.md").read_text()


@pytest.mark.slow
def test_a_run_that_hangs_is_ended(dlrun: Dlrun, tmp_path: Path) -> None:
    endless = {**SPEC, "epochs": 10_000_000}
    keys = {"search": {"random": {"trials": 1}}, "retries": 0, "trial_timeout": 2}
    sweep = write_sweep(tmp_path, spec=endless, **keys)
    result = dlrun("tune", sweep, "--plain")
    assert result.returncode == 3
    assert "trial 0 failed: not finished after 2 s" in result.stdout


def test_a_divergence_is_recorded_and_not_scored(dlrun: Dlrun, tmp_path: Path) -> None:
    space = {"optimizer.sgd.lr": [0.1, 1e38]}
    sweep = write_sweep(tmp_path, search="grid", space=space)
    result = dlrun("tune", sweep, "--plain")
    assert (result.returncode, result.stderr) == (3, "")
    assert "and the loss nan in epoch 1" in result.stdout
    board = json.loads((tmp_path / "studies/search/leaderboard.json").read_text())
    (failed,) = [each for each in board["trials"] if each["status"] == "failed"]
    assert (failed["rank"], failed["value"], failed["scores"]) == (None, None, {})
    assert board["winner"] == 0


def test_a_spec_that_cannot_be_built_fails_its_trial_alone(dlrun: Dlrun, tmp_path: Path) -> None:
    # Either value by itself is right, both are not.
    space = {"data.split.validation": [0.2, 0.6], "data.split.test": [0.2, 0.6]}
    spec = {**SPEC, "data": {**SPEC["data"], "split": {"validation": 0.1, "test": 0.1}}}
    result = dlrun("tune", write_sweep(tmp_path, spec=spec, search="grid", space=space), "--plain")
    assert result.returncode == 3
    assert "trial 3 failed: spec.yaml:11:5: validation and test leave no samples" in result.stdout
    assert "3 completed, 1 failed" in result.stdout


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_a_study_that_can_go_on(
    dlrun: Dlrun, started: Started, tmp_path: Path, number: signal.Signals
) -> None:
    sweep = write_sweep(tmp_path, spec=LONG)
    study = tmp_path / "studies" / "search"
    process = started("tune", sweep, "--jobs", "2", "--plain")
    wait_for(lambda: count(study, "ended") >= 2 and count(study, "started") >= 4, process)
    process.send_signal(number)
    out, err = process.communicate(timeout=WAIT)
    assert (process.returncode, err) == (75, "")
    assert out.splitlines()[-1].startswith("stopped after")
    assert out.splitlines()[-1].endswith("run the same command to continue")
    started_runs = {each["directory"] for each in journal(study) if each["event"] == "started"}
    assert {each.name for each in (study / "trials").iterdir()} == started_runs
    assert count(study, "ended") < len(started_runs)
    assert dlrun("tune", sweep, "-q").returncode == 0
    assert dlrun("tune", sweep, "-q", "--studies", "whole").returncode == 0
    assert results(study) == results(tmp_path / "whole" / "search")


def test_a_study_is_run_by_one_process(dlrun: Dlrun, started: Started, tmp_path: Path) -> None:
    sweep = write_sweep(tmp_path, spec={**SPEC, "epochs": 10_000_000})
    process = started("tune", sweep, "-q")
    wait_for(lambda: count(tmp_path / "studies/search", "started") >= 1, process)
    result = dlrun("tune", sweep)
    assert result.returncode == 2
    path = Path("studies", "search")
    assert result.stderr.startswith(f"{path}: process {process.pid} runs this study")


def test_a_study_that_is_done_is_shown_again(dlrun: Dlrun, tmp_path: Path) -> None:
    sweep = write_sweep(tmp_path)
    assert dlrun("tune", sweep, "-q").returncode == 0
    records = journal(tmp_path / "studies/search")
    again = dlrun("tune", sweep)
    assert (again.returncode, again.stderr) == (0, "")
    assert "6 completed" in again.stdout
    assert journal(tmp_path / "studies/search") == records


@pytest.mark.slow
def test_more_trials_later_are_those_of_a_longer_study(dlrun: Dlrun, tmp_path: Path) -> None:
    sweep = write_sweep(tmp_path, search=BAYES)
    for trials in ("4", "7", "10"):
        assert dlrun("tune", sweep, f"search.bayes.trials={trials}", "-q").returncode == 0
    assert count(tmp_path / "studies/search", "ended") == 10
    assert dlrun("tune", sweep, "-q", "--studies", "whole").returncode == 0
    assert results(tmp_path / "studies/search") == results(tmp_path / "whole/search")


@pytest.mark.slow
def test_a_space_is_widened_and_never_narrowed(dlrun: Dlrun, tmp_path: Path) -> None:
    space = {"params.units": [4, 8], "optimizer.adam.lr": {"uniform": [0.01, 0.02]}}
    sweep = write_sweep(tmp_path, search={"bayes": {"trials": 4, "start": 4}}, space=space)
    assert dlrun("tune", sweep, "-q").returncode == 0
    study = tmp_path / "studies" / "search"
    before = (study / "trials").iterdir()
    names = {each.name for each in before}
    wider = ("space.params.units=[4, 8, 16]", "space.optimizer.adam.lr.uniform=[0.001, 0.02]")
    for _ in range(2):  # the second time nothing is left to do
        assert dlrun("tune", sweep, "trials=12", *wider, "-q").returncode == 0
    board = json.loads((study / "leaderboard.json").read_text())
    tried = {each["trial"]: each["suggestion"] for each in board["trials"]}
    assert len(tried) == 12
    assert names < {each.name for each in (study / "trials").iterdir()}
    assert any(each["params.units"] == 16 for each in tried.values())
    assert any(each["optimizer.adam.lr"] < 0.01 for each in tried.values())
    assert count(study, "widened") == 1
    assert "16" in (study / "resolved.yaml").read_text()
    result = dlrun("tune", sweep, "trials=12")
    assert result.returncode == 2
    assert re.search(r"trial \d+ of this study is outside the new space", result.stderr)


def test_a_study_goes_on_with_its_own_sweep_only(dlrun: Dlrun, tmp_path: Path) -> None:
    assert dlrun("tune", write_sweep(tmp_path), "-q").returncode == 0
    changed = write_sweep(tmp_path, spec={**SPEC, "epochs": 5}, seed=1)
    result = dlrun("tune", changed)
    assert result.returncode == 2
    assert (
        "the sweep has changed since the study began: spec.epochs was 4, now 5; seed was 0, now 1; "
        in result.stderr
    )


def test_the_best_spec_gives_the_same_weights(dlrun: Dlrun, tmp_path: Path) -> None:
    assert dlrun("tune", write_sweep(tmp_path, repeats=2), "-q").returncode == 0
    study = tmp_path / "studies" / "search"
    board = json.loads((study / "leaderboard.json").read_text())
    assert dlrun("train", study / "best.yaml", "-q").returncode == 0
    (run,) = (tmp_path / "runs/small").iterdir()
    (trial,) = study.glob(f"trials/{board['winner']:04}-1-*")
    for name in ("last.safetensors", "best.safetensors"):
        found = [(each / "checkpoints" / name).read_bytes() for each in (run, trial)]
        assert found[0] == found[1]
    ended = [json.loads((each / "result.json").read_text()) for each in (run, trial)]
    assert ended[0]["metrics"] == ended[1]["metrics"]


def test_a_path_to_a_spec_starts_where_the_sweep_is(dlrun: Dlrun, tmp_path: Path) -> None:
    rows = "".join(f"{n % 7},{n % 5},{'yes' if n % 7 > 3 else 'no'}\n" for n in range(60))
    (tmp_path / "specs").mkdir()
    (tmp_path / "specs" / "table.csv").write_text(f"a,b,label\n{rows}")
    data = {"source": {"csv": {"path": "table.csv", "target": "label"}}}
    spec = {**SPEC, "data": data}
    (tmp_path / "specs" / "spec.yaml").write_text(json.dumps(spec))
    (tmp_path / "sweeps").mkdir()
    sweep = write_sweep(tmp_path / "sweeps", spec="../specs/spec.yaml")
    assert dlrun("tune", sweep, "-q").returncode == 0
    assert dlrun("train", tmp_path / "studies/search/best.yaml", "-q").returncode == 0


@pytest.mark.slow
def test_claims_hold_or_not(dlrun: Dlrun, tmp_path: Path) -> None:
    claim = {"better": {"optimizer.adam.lr": 0.03}, "than": {"optimizer.adam.lr": 1e-6}}
    keys = {
        "search": "grid",
        "repeats": 4,
        "space": {"optimizer.adam.lr": [1e-6, 0.03], "params.units": [8, 16]},
    }
    sweep = write_sweep(tmp_path, claims=[{"learning helps": claim}], **keys)
    result = dlrun("tune", sweep, "--plain")
    assert result.returncode == 0, result.stdout
    assert re.search(
        r"Claim 'learning helps' holds: better by [\d.]+ \(95 % interval [\d.]+ to [\d.]+\), "
        r"over 4 seeds and 2 pairs of trials\.",
        result.stdout,
    )
    swapped = {"better": claim["than"], "than": claim["better"]}
    sweep = write_sweep(tmp_path, claims=[{"learning hurts": swapped}], **keys)
    result = dlrun("tune", sweep, "--plain")  # nothing is trained again
    assert result.returncode == 4
    assert "Claim 'learning hurts' does not hold" in result.stdout
    assert count(tmp_path / "studies/search", "ended") == 16


def test_faults_are_found_before_the_first_trial(dlrun: Dlrun, tmp_path: Path) -> None:
    sweep = write_sweep(
        tmp_path,
        objective={"maximize": "validation.acuracy"},
        space={
            "optimizer.adam.lr": {"uniform": [-1.0, 0.1]},
            "optimzer.adam.lr": [1, 2],
            "params.units": [8, 0],
            "model.1": ["relu", "rely"],
        },
    )
    result = dlrun("tune", sweep)
    lines = result.stderr.splitlines()
    assert (result.returncode, result.stdout) == (2, "")
    assert all(re.match(rf"{re.escape(str(sweep))}:\d+:\d+: ", line) for line in lines), lines
    for words in (
        "no run reports 'validation.acuracy'; did you mean 'validation.accuracy'?",
        "'lr' must be greater than 0.0, got -1.0",
        "unknown key 'optimzer'; did you mean 'optimizer'?",
        "'units' must be greater than 0, got 0",
        "unknown layer 'rely'",
    ):
        assert any(words in line for line in lines), (words, lines)
    assert not (tmp_path / "studies").exists()


def test_a_dry_run_knows_the_study_that_has_begun(dlrun: Dlrun, tmp_path: Path) -> None:
    grid = {"search": "grid", "space": {"optimizer.adam.lr": [0.01, 0.1]}}
    sweep = write_sweep(tmp_path, **grid)
    assert dlrun("tune", sweep, "--quiet").returncode == 0
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "studies").rglob("*")}
    result = dlrun("tune", sweep, "--dry-run", "--jobs", "1")
    assert result.returncode == 0
    line = "studies/search has begun: 2 of 2 trials have ended; what follows is the forecast of a"
    assert line in " ".join(result.stdout.split())
    refused = dlrun("tune", sweep, "--dry-run", "spec.epochs=7")
    assert refused.returncode == 2
    assert "the spec has changed since the study began" in refused.stderr
    planned = dlrun("plan", sweep, "--jobs", "1")
    assert line in " ".join(planned.stdout.split())
    changed = dlrun("plan", sweep, "--jobs", "1", "spec.epochs=7")
    assert changed.returncode == 0
    assert "this sweep cannot continue the study of its name: studies/search" in changed.stdout
    elsewhere = dlrun("plan", sweep, "--jobs", "1", "--studies", "others")
    assert "search" not in elsewhere.stdout.replace("search  minimize", "")
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "studies").rglob("*")} == before


def test_a_dry_run_leaves_nothing(dlrun: Dlrun, tmp_path: Path) -> None:
    grid = {"search": "grid", "space": {"params.units": [4, 8, 16]}, "repeats": 2}
    result = dlrun("tune", write_sweep(tmp_path, **grid), "--dry-run", "--jobs", "1")
    lines = result.stdout.splitlines()
    assert (result.returncode, result.stderr) == (0, "")
    assert lines[0] == "search  minimize validation.loss  3 trials, 6 runs"
    assert lines[1:4] == [f"trial {n}  units={units}" for n, units in enumerate((4, 8, 16))]
    assert re.match(r"about .* in all \(.* to .*\), 24 epochs \(.* ms per step\)", lines[-1])
    assert not (tmp_path / "studies").exists()


def test_json_is_a_line_an_event(dlrun: Dlrun, tmp_path: Path) -> None:
    result = dlrun("tune", write_sweep(tmp_path), "--json")
    events = [json.loads(line) for line in result.stdout.splitlines()]
    names = Counter(each["event"] for each in events)
    assert (names["study_started"], names["job_ended"], names["trial_ended"]) == (1, 6, 6)
    assert events[-1]["event"] == "study_ended"


def test_a_grid_in_batches_does_not_count_those_so_far_as_all(dlrun: Dlrun, tmp_path: Path) -> None:
    space = {"optimizer.adam.lr": [0.001 * n for n in range(1, 13)]}
    rule = {"budget": {"epochs": 12}}
    sweep = write_sweep(tmp_path, search="grid", space=space, **rule)
    for epochs in (12, 20):
        result = dlrun("tune", sweep, "--json", f"budget.epochs={epochs}")
        events = [json.loads(line) for line in result.stdout.splitlines()]
        assert (events[0]["event"], events[0]["trials"]) == ("study_started", None)
    sweep = write_sweep(tmp_path, name="whole", search="grid", space=space)
    for _ in range(2):
        result = dlrun("tune", sweep, "--json")
    events = [json.loads(line) for line in result.stdout.splitlines()]
    assert (events[0]["event"], events[0]["trials"]) == ("study_started", 12)


@pytest.mark.slow
def test_a_terminal_shows_runs_and_the_best(screen: Callable[..., Any], tmp_path: Path) -> None:
    space = {"optimizer.sgd.lr": [0.1, 0.2, 0.3, 1e38]}
    spec = {**SPEC, "epochs": 600}  # many times as long as the time between two drawings
    shown = screen("tune", write_sweep(tmp_path, spec=spec, search="grid", space=space))
    text = shown.read()
    assert shown.process.wait(WAIT) == 3
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)
    assert re.search(r"\d+/600 +0\.\d+ +[▁▂▃▄▅▆▇█]+ +lr=0\.\d", plain)
    assert "trial 3 failed: the output of dense_2 became" in plain
    assert re.search(r"best +validation\.loss", plain)
    assert re.search(r"trial [0-2] +\d+/600", plain)
    assert re.search(r"runs [1-3]/4 ", plain)
    assert "3 completed, 1 failed" in plain


@pytest.mark.usefixtures("pictures")
@pytest.mark.slow
def test_a_study_from_its_directory(dlrun: Dlrun, tmp_path: Path) -> None:
    sweep = write_sweep(tmp_path, search={"random": {"trials": 12}})
    assert dlrun("tune", sweep, "-q").returncode == 0
    study = tmp_path / "studies" / "search"
    shown = dlrun("study", study)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "importance" in shown.stdout
    pictures = sorted(each.name for each in (study / "plots").iterdir())
    assert pictures == [
        f"{name}.png"
        for name in ("convergence", "cost", "learning-curves", "parallel-coordinates", "slices")
    ]
    for flag, file in (("--csv", "csv"), ("--md", "md"), ("--json", "json")):
        assert dlrun("study", study, flag).stdout == (study / f"leaderboard.{file}").read_text()
    assert dlrun("study", tmp_path).returncode == 2


def test_the_sweep_in_the_study_is_the_one_that_was_run(dlrun: Dlrun, tmp_path: Path) -> None:
    sweep = write_sweep(tmp_path)
    assert dlrun("tune", sweep, "search.random.trials=2", "-q").returncode == 0
    study = tmp_path / "studies" / "search"
    assert (study / "sweep.yaml").read_bytes() == sweep.read_bytes()
    assert "trials: 2" in (study / "resolved.yaml").read_text()
    assert "${units}" in (study / "resolved.yaml").read_text()
    assert SWEEP["search"] == {"random": {"trials": 6}}


@pytest.mark.slow
def test_what_was_taken_from_an_earlier_study_stays_as_it_was(dlrun: Dlrun, tmp_path: Path) -> None:
    """Though it has more trials now, or is not there any more."""
    before = write_sweep(tmp_path, "before.yaml", name="before")
    assert dlrun("tune", before, "--quiet").returncode == 0
    search = {"bayes": {"trials": 7, "batch": 3}}
    sweep = write_sweep(tmp_path, name="after", search=search, **{"from": "studies/before"})
    whole = dlrun("tune", sweep, "--studies", "whole", "--plain")
    said = "studies/before: 6 of 6 trials are reused in this study"
    assert said in whole.stdout.splitlines()
    assert said in (tmp_path / "whole" / "after" / "leaderboard.md").read_text()
    assert dlrun("tune", sweep, "trials=2", "--quiet").returncode == 0
    assert dlrun("tune", before, "trials=9", "--quiet").returncode == 0
    assert dlrun("tune", sweep, "trials=4", "--quiet").returncode == 0
    shutil.rmtree(tmp_path / "studies" / "before")
    result = dlrun("tune", sweep, "--plain")
    assert (result.returncode, result.stderr) == (0, "")
    assert said in result.stdout.splitlines()
    assert results(tmp_path / "studies" / "after") == results(tmp_path / "whole" / "after")
    other = dlrun("tune", sweep, "from=studies/other", "--quiet")
    assert other.returncode == 2
    assert "has changed since the study began: from.0 was studies/before, now" in other.stderr
    new = dlrun("tune", sweep, "name=new", "--quiet")
    assert new.returncode == 2
    assert re.search(r"sweep\.yaml:\d+:\d+: .*studies/before: not a study", new.stderr)
    assert not (tmp_path / "studies" / "new" / "journal.jsonl").exists()


@pytest.mark.slow
def test_a_run_that_uses_up_its_time_is_a_trial_like_others(dlrun: Dlrun, tmp_path: Path) -> None:
    """And is not trained again when the study goes on."""
    sweep = write_sweep(tmp_path, search={"random": {"trials": 2}})
    long = ("spec.epochs=1000000", "spec.max_time=1s")
    first = dlrun("tune", sweep, *long, "--plain")
    assert first.returncode == 0
    assert "Ended by max_time: trials 0, 1. With a faster machine" in first.stdout
    study = tmp_path / "studies" / "search"
    before = {each["trial"]: each["outcome"] for each in journal(study) if each["event"] == "ended"}
    assert all(each["status"] == "completed" for each in before.values())
    assert all(each["reason"].startswith("max_time") for each in before.values())
    assert dlrun("tune", sweep, *long, "trials=3", "--quiet").returncode == 0
    after = {each["trial"]: each["outcome"] for each in journal(study) if each["event"] == "ended"}
    assert before.items() < after.items()
    assert len(after) == 3
