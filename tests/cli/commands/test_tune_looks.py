"""``looks`` of a sweep: claims that end a study early, as a process."""

from __future__ import annotations

import json
import re
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sweeps import SPEC, journal, write_sweep

Dlrun = Callable[..., subprocess.CompletedProcess[str]]
Started = Callable[..., Any]

SPACE = {"optimizer.adam.lr": [1e-6, 0.03], "params.units": [8, 16]}
HELPS = {"better": {"optimizer.adam.lr": 0.03}, "than": {"optimizer.adam.lr": 1e-6}}
HURTS = {"better": HELPS["than"], "than": HELPS["better"]}
KEYS: dict[str, Any] = {
    "search": "grid",
    "space": SPACE,
    "repeats": 8,
    "looks": 2,
    "claims": [{"learning helps": HELPS}, {"learning hurts": HURTS}],
}


def results(study: Path) -> dict[str, bytes]:
    names = ("leaderboard.csv", "leaderboard.md", "leaderboard.json", "best.yaml")
    return {name: (study / name).read_bytes() for name in names}


def ends(study: Path) -> int:
    return sum(each["event"] == "ended" for each in journal(study))


def test_a_study_ends_once_all_claims_are_decided(dlrun: Dlrun, tmp_path: Path) -> None:
    sweep = write_sweep(tmp_path, **KEYS)
    planned = dlrun("plan", sweep, "--jobs", "1")
    assert "4 trials, 32 runs at most" in planned.stdout
    assert "looks  at the claims after 4 and 8 seeds, until all are decided" in planned.stdout
    assert "at most about" in planned.stdout
    result = dlrun("tune", sweep, "--jobs", "2", "--json")
    assert result.returncode == 4  # one does not hold
    events = [json.loads(line) for line in result.stdout.splitlines()]
    (look,) = [each for each in events if each["event"] == "looked"]
    assert look == {
        "event": "looked",
        "repeats": 4,
        "planned": 8,
        "held": ["learning helps"],
        "futile": ["learning hurts"],
        "open": [],
    }
    assert sum(each["event"] == "trial_ended" for each in events) == 4
    study = tmp_path / "studies/search"
    assert ends(study) == 16
    board = json.loads((study / "leaderboard.json").read_text())
    assert board["repeats"] == 4
    assert {each["status"] for each in board["trials"]} == {"completed"}
    assert {len(each["values"]) for each in board["trials"]} == {4}
    said = "all claims are decided after 4 of 8 seeds; 16 of 32 runs were not needed"
    assert board["conclusion"] == {"by": "looks", "reason": said}
    helps, hurts = board["claims"]
    assert (helps["holds"], helps["futile"], helps["looks"]) == (True, False, [4, 8])
    assert (hurts["holds"], hurts["futile"]) == (False, True)
    assert helps["effect"]["n"] == 4 and helps["effect"]["low"] > 0
    assert helps["confidence"] == pytest.approx(0.975)
    shown = dlrun("study", study).stdout
    assert re.search(
        r"Claim 'learning helps' holds: better by [\d.]+ \(97\.5 % interval [\d.]+ to [\d.]+\), "
        r"over 4 of 8 seeds, 2 looks and 2 pairs of trials; corrected for 2 claims\.",
        shown,
    )
    assert "'learning hurts' does not hold, and more seeds would hardly show it: worse" in shown
    assert "The intervals of claims allow for all looks." in shown
    assert re.search(r"claim 'learning helps' .* \d+ \(mean \d+\.\d\)", shown)
    before = results(study)
    again = dlrun("tune", sweep, "--plain")  # it trains nothing, and looks no further
    assert again.returncode == 4 and f"ended by looks: {said}" in again.stdout
    assert (results(study), ends(study)) == (before, 16)
    listed = json.loads(dlrun("runs", tmp_path / "studies", "--json").stdout)
    assert "stopped" not in json.dumps(listed)


@pytest.mark.slow
def test_it_is_the_same_with_any_workers_and_kills(
    dlrun: Dlrun, started: Started, tmp_path: Path
) -> None:
    weak = {"better": {"params.units": 16}, "than": {"params.units": 8}}
    claims = [{"learning helps": HELPS}, {"larger is better": weak}]
    keys = {**KEYS, "looks": [3, 5, 7], "claims": claims, "spec": {**SPEC, "epochs": 30}}
    sweep = write_sweep(tmp_path, **keys)
    dlrun("tune", sweep, "--jobs", "1", "--studies", "whole", "-q")
    study, whole = tmp_path / "studies/search", tmp_path / "whole/search"
    for number in (2, 9, 13):
        process = started("tune", sweep, "--jobs", "3", "-q")
        deadline = time.monotonic() + 60
        while ends(study) < number and process.poll() is None:
            assert time.monotonic() < deadline
            time.sleep(0.005)
        process.kill()
        process.communicate()
    dlrun("tune", sweep, "--jobs", "2", "-q")
    assert results(study) == results(whole)
    assert ends(study) == ends(whole)
    looks = [[each for each in journal(one) if each["event"] == "looked"] for one in (study, whole)]
    assert looks[0] == looks[1] and looks[0]


@pytest.mark.slow
def test_the_plan_of_a_test_cannot_change(dlrun: Dlrun, tmp_path: Path) -> None:
    sweep = write_sweep(tmp_path, **KEYS)
    assert dlrun("tune", sweep, "-q").returncode == 4
    study = tmp_path / "studies/search"
    before = (study / "journal.jsonl").read_bytes()
    for change, named in (
        ({"repeats": 16}, "'repeats' and 'looks'"),
        ({"looks": 4}, "'looks'"),
        ({"claims": [{"learning helps": HELPS}]}, "'claims'"),
        ({"space": {**SPACE, "params.units": [8, 16, 32]}}, "'space'"),
    ):
        write_sweep(tmp_path, **{**KEYS, **change})
        result = dlrun("tune", sweep, "-q")
        assert result.returncode == 2
        assert f"{study.relative_to(tmp_path)}: {named} of this study cannot change" in (
            result.stderr
        )
    for option in ("--forget", "--rerun"):
        result = dlrun("study", study, option, "1")
        assert result.returncode == 2
        assert "its claims have been tested after 4 seeds" in result.stderr
    assert (study / "journal.jsonl").read_bytes() == before
    # A study that was planned without looks gets none.
    plain = {key: value for key, value in KEYS.items() if key != "looks"}
    write_sweep(tmp_path, **{**plain, "name": "plain"})
    assert dlrun("tune", sweep, "-q").returncode == 4
    write_sweep(tmp_path, **{**KEYS, "name": "plain"})
    result = dlrun("tune", sweep, "-q")
    assert result.returncode == 2 and "'looks' and 'claims' of this study" in result.stderr


@pytest.mark.slow
def test_a_budget_that_ends_a_study_before_a_look_decides_nothing(
    dlrun: Dlrun, tmp_path: Path
) -> None:
    sweep = write_sweep(tmp_path, **KEYS, budget={"epochs": 24})
    result = dlrun("tune", sweep, "--plain")
    assert result.returncode == 4
    assert "ended by budget.epochs" in result.stdout
    assert "Claim 'learning helps' is not tested" in result.stdout
    result = dlrun("tune", sweep, "--plain", "budget=null")
    assert "Claim 'learning helps' holds" in result.stdout
    assert ends(tmp_path / "studies/search") == 16


@pytest.mark.slow
def test_a_trial_that_fails_is_left_out_and_not_trained_further(
    dlrun: Dlrun, tmp_path: Path
) -> None:
    keys = {**KEYS, "claims": [{"learning helps": HELPS}], "repeats": 8, "looks": [2, 6]}
    keys["space"] = {"optimizer.adam.lr": [1e-6, 0.03, 1e30], "params.units": [8, 16]}
    result = dlrun("tune", write_sweep(tmp_path, **keys), "--plain")
    assert result.returncode == 1 or result.returncode == 3, result.stdout
    ended = [each for each in journal(tmp_path / "studies/search") if each["event"] == "ended"]
    failed = {each["trial"] for each in ended if each["outcome"]["status"] == "failed"}
    assert failed
    assert all(each["repeat"] < 2 for each in ended if each["trial"] in failed)
    assert any(each["repeat"] >= 2 for each in ended)
    assert "Claim 'learning helps' holds" in result.stdout


def test_dlrun_suggest_refuses_looks(dlrun: Dlrun, tmp_path: Path) -> None:
    result = dlrun("suggest", write_sweep(tmp_path, **KEYS))
    assert result.returncode == 2
    assert "'looks' needs dlrun tune" in result.stderr
