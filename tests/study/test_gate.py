"""Limits of a study: it ends after the same run for any number of workers, and resumes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from simulated import Simulation, Workers, scored, simulate
from studies import LOSS, end, study
from sweeps import SPEC

from dlrun.api.study import Study
from dlrun.collection.collect import read_entry
from dlrun.collection.study_entry import StudyEntry
from dlrun.rng import Stream, generator
from dlrun.study.executors.base import Crashed, Lost, News
from dlrun.study.gate import Gate
from dlrun.study.store.job import Job

SWEEPS: dict[str, dict[str, Any]] = {
    "random": {"search": "random"},
    "bayes": {"search": {"bayes": {"batch": 3}}},
    "seeds": {"search": "random", "repeats": 3},
    "halving": {"search": "random", "prune": {"halving": {"min_epochs": 1, "factor": 2}}},
    "race": {"search": "random", "repeats": 4, "racing": True},
    "a known number": {"search": {"random": {"trials": 40}}},
}


def stopping_early(job: Job) -> tuple[Mapping[str, float], int]:
    """Scores and epochs that are random, but the same in every study."""
    random = generator(1, Stream.DATA, job.trial, job.repeat)
    value, fewer = random.random(), int(random.integers(0, 3))
    return {LOSS: value}, job.epochs or 4 - fewer


@pytest.mark.parametrize("name", SWEEPS)
def test_epochs_end_a_study_at_the_same_run_for_any_number_of_workers(
    tmp_path: Path, name: str
) -> None:
    epochs = 37
    keys = {**SWEEPS[name], "budget": {"epochs": epochs}}
    one = simulate(tmp_path / "1", stopping_early, **keys)
    assert one.conclusion is not None and one.conclusion.by == "budget.epochs"
    assert epochs - 16 < one.epochs <= epochs
    for jobs in (3, 8):
        found = simulate(tmp_path / str(jobs), stopping_early, jobs, seed=jobs, **keys)
        assert sorted(found.started) == sorted(one.started)
        assert (found.conclusion, found.epochs, found.board) == (
            one.conclusion,
            one.epochs,
            one.board,
        )


@pytest.mark.parametrize("name", SWEEPS)
def test_a_killed_study_gets_no_more_epochs(tmp_path: Path, name: str) -> None:
    keys = {**SWEEPS[name], "budget": {"epochs": 37}}
    whole = simulate(tmp_path / "whole", stopping_early, **keys)
    for place in range(30):
        found = simulate(tmp_path / "killed", stopping_early, 3, seed=place, most=4, **keys)
        if found.conclusion is not None:
            break
    assert place > 1
    assert (found.conclusion, found.epochs, found.board) == (
        whole.conclusion,
        whole.epochs,
        whole.board,
    )


@pytest.mark.parametrize("most", [4, 5])
def test_seeds_that_ended_before_a_kill_are_not_needed_again(tmp_path: Path, most: int) -> None:
    """A gap is left before them: the run of an earlier seed was in progress."""
    keys: dict[str, Any] = {**SWEEPS["seeds"], "budget": {"epochs": 24}}
    whole = simulate(tmp_path / "whole", scored(), **keys)
    assert whole.conclusion is not None and whole.epochs == 24
    simulate(tmp_path / "killed", scored(), 3, most=most, **keys)
    found = simulate(tmp_path / "killed", scored(), 3, **keys)
    assert (found.conclusion, found.board) == (whole.conclusion, whole.board)
    assert len(found.started) == 6 - most


@pytest.mark.parametrize(
    "what", [Lost("by SIGKILL"), Crashed("by SIGSEGV"), Crashed("no memory", begun=False)]
)
def test_a_run_that_waits_does_not_overtake_an_interrupted_one(
    tmp_path: Path, what: Lost | Crashed
) -> None:
    class Losing(Workers):
        """Interrupts the second run first of all."""

        def news(self, timeout: float) -> Sequence[News]:
            if 2 not in self._running:
                return super().news(timeout)
            self._running.remove(2)
            return [News(2, what)]

    keys: dict[str, Any] = {**SWEEPS["random"], "budget": {"epochs": 8}}
    whole = simulate(tmp_path / "whole", scored(), **keys)
    found = simulate(tmp_path / "lost", scored(), 3, workers=Losing, **keys)
    assert [job.trial for job in found.started] == [0, 1, 1]
    assert (found.conclusion, found.board) == (whole.conclusion, whole.board)


def test_more_epochs_continue_a_study_as_if_it_had_had_them(tmp_path: Path) -> None:
    def run(folder: str, epochs: int) -> Simulation:
        keys = SWEEPS["bayes"]
        return simulate(tmp_path / folder, stopping_early, 2, **keys, budget={"epochs": epochs})

    first, again = run("grown", 13), run("grown", 13)
    assert first.board == again.board and not again.started
    grown, whole = run("grown", 29), run("whole", 29)
    assert sorted([*first.started, *grown.started]) == sorted(whole.started)
    assert grown.board == whole.board


def test_the_first_failure_in_order_ends_a_study(tmp_path: Path) -> None:
    run = scored(0.5, 0.4, 0.3, math.nan, 0.2, math.nan)
    found = [
        simulate(tmp_path / str(jobs), run, jobs, seed=jobs, fail_fast=True) for jobs in (1, 2, 6)
    ]
    for each in found:
        assert each.conclusion is not None
        assert each.conclusion.sentence == "fail_fast: trial 3 failed: it broke"
    assert len(found[0].started) == 4
    again = simulate(tmp_path / "1", run, fail_fast=True)
    assert not again.started and again.conclusion == found[0].conclusion
    Study(tmp_path / "2/studies/search").forget(3)
    rest = simulate(tmp_path / "2", run, fail_fast=True)
    assert rest.conclusion is not None and "trial 5 failed" in rest.conclusion.reason
    Study(tmp_path / "6/studies/search").rerun(3, 5)
    rest = simulate(tmp_path / "6", scored(0.5), fail_fast=True)
    assert {job.trial for job in rest.started} == {3, 5} and rest.conclusion is None
    rest = simulate(tmp_path / "1", run)
    assert rest.conclusion is None and [job.trial for job in rest.started] == [4, 5]


def test_a_number_of_trials_ends_a_grid(tmp_path: Path) -> None:
    keys = {"search": "grid", "space": {"params.units": [4, 5, 6, 7, 8]}}
    found = simulate(tmp_path, scored(), budget={"trials": 3}, **keys)
    assert len(found.started) == 3
    assert found.conclusion is not None
    assert found.conclusion.sentence == "budget.trials: 3 trials used"
    grown = simulate(tmp_path, scored(), budget={"trials": 4}, **keys)
    assert [job.trial for job in grown.started] == [3]
    rest = simulate(tmp_path, scored(), **keys)
    assert [job.trial for job in rest.started] == [4] and rest.conclusion is None


def shown(folder: Path) -> Study:
    """The study, which a list of runs sees in the same way."""
    found = Study(folder / "studies/search")
    entry = read_entry(found.path)
    assert isinstance(entry, StudyEntry)
    assert entry.trials == len(found.trials)
    assert (entry.state != "stopped") == (not found.leaderboard.unfinished)
    return found


@pytest.mark.parametrize("keys", [{"search": "grid"}, {"search": "random", "repeats": 2}])
def test_trials_of_the_user_come_on_top_of_a_number_of_trials(
    tmp_path: Path, keys: dict[str, Any]
) -> None:
    keys = {**keys, "space": {"params.units": [4, 5, 6, 7, 8, 9]}, "budget": {"trials": 3}}
    found = simulate(tmp_path, scored(0.3, 0.2, 0.1), **keys)
    assert found.conclusion is not None and len(shown(tmp_path).trials) == 3
    tried = {each.suggestion["params.units"] for each in shown(tmp_path).trials}
    new = min({4, 5, 6, 7, 8, 9} - tried)
    number = Study(tmp_path / "studies/search").enqueue({"params.units": new}).number
    assert Study(tmp_path / "studies/search").leaderboard.conclusion is None
    found = simulate(tmp_path, scored(), **keys)
    assert {job.trial for job in found.started} == {number}
    assert found.conclusion is not None
    assert found.conclusion.sentence == "budget.trials: 3 trials used"
    added = shown(tmp_path).trials[number if keys["search"] == "random" else -1]
    assert (added.number, added.status) == (number, "completed")
    assert not simulate(tmp_path, scored(), **keys).started


def test_epochs_of_a_trial_that_is_trained_again_are_used(tmp_path: Path) -> None:
    keys = {"search": {"random": {"trials": 9}}}
    simulate(tmp_path, scored(), **keys, budget={"epochs": 12})
    Study(tmp_path / "studies/search").rerun(1)
    assert Study(tmp_path / "studies/search").leaderboard.conclusion is None
    again = simulate(tmp_path, scored(), **keys, budget={"epochs": 12})
    assert again.conclusion is not None and not again.started
    assert again.conclusion.reason == "12 of 12 epochs used, and trial 1 needs 4 more"
    assert [each.status for each in shown(tmp_path).trials].count("unfinished") == 1
    more = simulate(tmp_path, scored(), **keys, budget={"epochs": 16})
    assert [job.trial for job in more.started] == [1]
    assert more.conclusion is not None
    assert more.conclusion.reason == "16 of 16 epochs used, and trial 3 needs 4 more"
    assert [each.status for each in shown(tmp_path).trials] == ["completed"] * 3


@pytest.mark.slow
@pytest.mark.parametrize("name", SWEEPS)
def test_a_steered_study_ends_at_the_same_run_for_any_number_of_workers(
    tmp_path: Path, name: str
) -> None:
    found = []
    for jobs in (1, 3):
        keys, folder = SWEEPS[name], tmp_path / str(jobs)
        first = simulate(folder, stopping_early, jobs, seed=jobs, **keys, budget={"epochs": 23})
        study = Study(folder / "studies/search")
        study.enqueue({"params.units": 8})
        study.rerun(0)
        study.forget(1)
        last = simulate(folder, stopping_early, jobs, seed=jobs, **keys, budget={"epochs": 43})
        found.append((sorted(first.started), sorted(last.started), last.conclusion, last.board))
        assert len(shown(folder).trials) > 2
    assert found[0] == found[1]


def test_a_run_that_would_not_end_in_time_does_not_start(tmp_path: Path) -> None:
    keys = {"search": "random", "budget": {"time": "1h"}, "spec": {**SPEC, "epochs": 10}}
    with study(tmp_path, **keys) as ledger:
        gate, job = Gate(ledger), Job(1, 0)
        ledger.record({"event": "batch", "batch": 0, "suggestions": [{"params.units": 4}] * 2})
        assert gate.closed(job, [], 0.1) is None  # nothing is known of their time
        end(ledger, Job(0, 0), {LOSS: 0.5}, epochs=10)
        assert gate.closed(job, [], 0.1) is None
        outcome = ledger.state.outcomes[Job(0, 0)]
        object.__setattr__(outcome, "seconds", 50.0)
        assert gate.closed(job, [], 51.0) is None
        closed = gate.closed(job, [], 49.0)
        assert closed is not None and closed.sentence == "budget.time: 1h00m used"
        closed = gate.closed(job, [], 0.0)
        assert closed is not None
