"""Following a study: from its journal and its runs come the events that it yielded."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from inline import InlineExecutor
from studies import end, study
from sweeps import write_sweep

from dlrun.api.suggest import suggest
from dlrun.api.tune import Search
from dlrun.errors import DataError
from dlrun.following.events import Killed
from dlrun.following.study import StudyFollower
from dlrun.run_directory.directory import RunDirectory
from dlrun.study import study as running
from dlrun.study.events import (
    BatchStarted,
    JobCrashed,
    JobEnded,
    JobEpoch,
    JobInterrupted,
    JobStarted,
    Looked,
    StudyEnded,
    StudyStarted,
    TrialEnded,
    TrialForked,
    Waiting,
)
from dlrun.study.schedulers.synchronous import Rounds
from dlrun.study.store.job import Job, JobOutcome
from dlrun.study.store.state import of_job
from dlrun.training.stop import Stop

NAME = "0000-20261101-120000-aaaaaa"


def seen(follower: StudyFollower) -> list[Any]:
    return [event for event in follower.poll() if not isinstance(event, Waiting)]


def outcome(loss: float = 0.5) -> JobOutcome:
    return JobOutcome("completed", "", {"validation.loss": loss}, 4, 1.0, 0.1, NAME)


def test_the_events_are_those_of_the_study(tmp_path: Path) -> None:
    sweep = write_sweep(tmp_path, search={"random": {"trials": 2}})
    search = Search(sweep, jobs=1, studies=tmp_path / "studies")
    events = list(search.start().run(Stop()))
    follower = StudyFollower(tmp_path / "studies" / "search")
    followed = seen(follower)
    assert follower.over
    for kind in (JobStarted, JobEnded, TrialEnded):
        assert [each for each in followed if isinstance(each, kind)] == [
            each for each in events if isinstance(each, kind)
        ], kind
    assert (followed[-1].status, followed[-1].trials) == ("completed", events[-1].trials)
    assert (followed[0].name, followed[0].objectives) == (events[0].name, events[0].objectives)
    assert (followed[0].trials, followed[0].repeats) == (2, 1)


RANGE = {"optimizer.adam.lr": {"log_uniform": [1e-3, 1e-1]}}
RATES = {"optimizer.adam.lr": [1e-6, 0.03]}
HELPS = {"better": {"optimizer.adam.lr": 0.03}, "than": {"optimizer.adam.lr": 1e-6}}
TESTED: dict[str, Any] = {
    "search": "grid",
    "space": RATES,
    "repeats": 4,
    "looks": 2,
    "claims": [{"learning helps": HELPS}],
}


@pytest.mark.parametrize(
    ("kind", "keys"),
    [
        (Looked, TESTED),
        (TrialForked, {"prune": {"population": {"every": 2}}, "space": RANGE}),
    ],
    ids=["looks", "population"],
)
def test_looks_and_forks_are_events(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: type[Any], keys: dict[str, Any]
) -> None:
    monkeypatch.setattr(running, "LocalExecutor", InlineExecutor)
    search = Search(write_sweep(tmp_path, **keys), jobs=1, studies=tmp_path / "studies")
    events = [event for event in search.start().run(Stop()) if isinstance(event, kind)]
    follower = StudyFollower(tmp_path / "studies" / "search")
    assert [event for event in seen(follower) if isinstance(event, kind)] == events != []


def test_what_happens_comes_once_and_in_order(tmp_path: Path) -> None:
    with study(tmp_path, search={"random": {"trials": 1}}) as ledger:
        follower = StudyFollower(ledger.directory.path)
        assert [type(event) for event in seen(follower)] == [StudyStarted]
        assert not follower.over
        ledger.record(
            {"event": "batch", "suggestions": [{"optimizer.adam.lr": 0.01, "params.units": 4}]}
        )
        ledger.record(of_job("started", Job(0, 0), directory=NAME))
        assert [type(event) for event in seen(follower)] == [BatchStarted, JobStarted]
        run = RunDirectory.make(ledger.directory.trials / NAME)
        run.write_resolved("epochs: 4\n")
        for epoch in (1, 2):
            run.append_metrics({"epoch": epoch, "validation.loss": epoch / 10})
        assert seen(follower) == [JobEpoch(Job(0, 0), 1, 4, 0.1), JobEpoch(Job(0, 0), 2, 4, 0.2)]
        assert seen(follower) == []
        ledger.record(of_job("crashed", Job(0, 0), reason="killed"))
        ledger.record(of_job("started", Job(0, 0), directory=NAME))
        crashed, started = seen(follower)
        assert crashed == JobCrashed(Job(0, 0), "killed", again=True)
        assert started.attempt == 2
        ledger.record(of_job("interrupted", Job(0, 0)))
        ledger.record(of_job("started", Job(0, 0), directory=NAME))
        assert isinstance(seen(follower)[0], JobInterrupted)
        with ledger.directory.journal_file.open("a") as file:
            file.write('{"event": "half')  # a line that is being written
            file.flush()
            assert seen(follower) == []
            os.truncate(file.fileno(), os.fstat(file.fileno()).st_size - len('{"event": "half'))
        ledger.end(Job(0, 0), outcome())
        ended, trial = seen(follower)
        assert (ended.score, trial.trial.status) == (0.5, "completed")
    (ended,) = seen(follower)
    assert isinstance(ended, StudyEnded) and ended.status == "completed"
    assert follower.over


def test_a_stopped_study_ends_and_one_that_is_resumed_continues(tmp_path: Path) -> None:
    with study(tmp_path) as ledger:
        path = ledger.directory.path
    follower = StudyFollower(path)
    assert [type(event) for event in seen(follower)] == [StudyStarted, StudyEnded]
    assert follower.over
    with study(tmp_path):
        (started,) = seen(follower)
        assert isinstance(started, StudyStarted)
        assert not follower.over


def test_a_study_that_is_continued_with_more_trials_ends_with_all_of_them(tmp_path: Path) -> None:
    def train(trials: int, most: int) -> None:
        with study(tmp_path, search={"random": {"trials": trials}}) as ledger:
            rounds = Rounds(ledger, None)
            for _ in range(most):
                job = rounds.next([])
                assert job is not None
                end(ledger, job, {"validation.loss": 1.0})

    train(2, 2)
    follower = StudyFollower(tmp_path / "studies/search")
    assert isinstance(seen(follower)[-1], StudyEnded)
    with study(tmp_path, search={"random": {"trials": 3}}):  # which adds no record
        assert [each.trials for each in seen(follower)] == [3]
        assert not follower.over
    *_, stopped = seen(follower)
    assert (stopped.status, len(stopped.trials)) == ("stopped", 2)
    train(5, 3)
    events = seen(follower)
    ended = [each.trial.number for each in events if isinstance(each, TrialEnded)]
    assert ended == [2, 3, 4]
    assert isinstance(events[-1], StudyEnded)
    assert (events[-1].status, len(events[-1].trials)) == ("completed", 5)


def test_a_killed_study_is_reported(tmp_path: Path) -> None:
    with study(tmp_path) as ledger:
        path = ledger.directory.path
    (path / "lock").write_text("999999999\n")
    for name in ("lock", "journal.jsonl"):
        os.utime(path / name, (1_000_000, 1_000_000))
    killed = seen(StudyFollower(path))[-1]
    assert isinstance(killed, Killed)
    assert "no process runs the study" in killed.line


def test_a_study_that_another_program_trains_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    suggest(write_sweep(tmp_path, search={"random": {"trials": 1}}))
    follower = StudyFollower(tmp_path / "studies" / "search")
    assert [*follower.poll()][-1] == Waiting("results of 1 run")
    assert not follower.over


def test_what_is_not_a_study(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="not a study"):
        StudyFollower(tmp_path)
    (tmp_path / "journal.jsonl").write_text("what\n")
    with pytest.raises(DataError):
        seen(StudyFollower(tmp_path))
