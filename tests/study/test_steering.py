"""Trials that a user adds, trains again, and forgets."""

from __future__ import annotations

import errno
import fcntl
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from simulated import scored, simulate
from studies import LOSS, end, study, write
from sweeps import SPEC, journal, write_sweep

from dlrun.api.study import Study
from dlrun.cli.app import run
from dlrun.collection.collect import read_entry
from dlrun.collection.study_entry import StudyEntry
from dlrun.run_directory import access
from dlrun.study import ask_tell, reported
from dlrun.study.schedulers.asynchronous import Flow
from dlrun.study.schedulers.base import Scheduler
from dlrun.study.schedulers.race import Race
from dlrun.study.schedulers.synchronous import Rounds
from dlrun.study.store.job import Job

LR, UNITS = "optimizer.adam.lr", "params.units"
RANDOM = {"search": {"random": {"trials": 4}}}
SCHEDULERS: dict[str, dict[str, Any]] = {
    "rounds": {"search": {"bayes": {"trials": 5, "batch": 2, "start": 2}}},
    "halving": {**RANDOM, "prune": {"halving": {"min_epochs": 1, "factor": 2}}},
    "race": {**RANDOM, "racing": True, "repeats": 3},
    "asha": {**RANDOM, "prune": {"asha": {"min_epochs": 1, "factor": 2}}},
}


def trained(folder: Path, most: int = 1000, **keys: Any) -> list[Job]:
    """Continue a study for a number of runs, whose losses follow from their values and seed."""
    with study(folder, **keys) as ledger:
        prune = ledger.plan.sweep.prune
        scheduler: Scheduler = Rounds(ledger, None)
        if ledger.plan.sweep.racing:
            scheduler = Race(ledger)
        elif prune is not None:
            scheduler = Rounds(ledger, prune) if prune.kind == "halving" else Flow(ledger, prune)
        jobs: list[Job] = []
        while len(jobs) < most and (job := scheduler.next(())) is not None:
            values = ledger.state.suggestion(job.trial)
            end(ledger, job, {LOSS: values[LR] * values[UNITS] + job.repeat / (job.epochs or 4)})
            jobs.append(job)
        write(ledger)
    return jobs


def statuses(folder: Path) -> list[str]:
    return [trial.status for trial in Study(folder / "studies/search").trials]


def test_a_trial_is_added_on_top_of_those_of_the_search(tmp_path: Path) -> None:
    trained(tmp_path, 2, **RANDOM)
    found = Study(tmp_path / "studies/search").enqueue({LR: 0.05, UNITS: 8})
    assert (found.number, found.status) == (4, "unfinished")
    assert found.suggestion == {LR: 0.05, UNITS: 8}
    assert [job.trial for job in trained(tmp_path, **RANDOM)] == [4, 2, 3]
    assert statuses(tmp_path) == ["completed"] * 5
    another = Study(tmp_path / "studies/search").enqueue([f"{UNITS}=16"])
    assert another.suggestion[UNITS] == 16
    assert [job.trial for job in trained(tmp_path, **RANDOM)] == [5]
    more = {"search": {"random": {"trials": 5}}}
    assert [job.trial for job in trained(tmp_path, **more)] == [6]


def test_a_forgotten_trial_does_not_count_and_is_not_repeated(tmp_path: Path) -> None:
    keys = {"search": "grid", "space": {LR: [0.01, 0.1], UNITS: [4, 8]}}
    trained(tmp_path, **keys)
    shown = Study(tmp_path / "studies/search")
    assert shown.best is not None and shown.best.trial == 0
    shown.forget(0)
    assert shown.best is not None and shown.best.trial != 0
    assert "trial: 1" not in (shown.path / "best.yaml").read_text()
    assert (shown.path / "best.yaml").read_text().startswith(f"# Trial {shown.best.trial} ")
    assert statuses(tmp_path)[0] == "forgotten"
    assert trained(tmp_path, **keys) == []
    shown.remember(0)
    assert shown.best is not None and shown.best.trial == 0


def test_an_unfinished_trial_that_is_forgotten_is_not_trained(tmp_path: Path) -> None:
    trained(tmp_path, 1, **RANDOM)
    Study(tmp_path / "studies/search").forget(1, 2)
    assert [job.trial for job in trained(tmp_path, **RANDOM)] == [3]


def test_a_sampler_learns_nothing_from_a_forgotten_trial(tmp_path: Path) -> None:
    """A study in which a trial was forgotten suggests what it would with any result of it."""
    bayes = {"search": {"bayes": {"trials": 8, "start": 3}}}
    found = []
    for folder, loss in ((tmp_path / "a", 1e-6), (tmp_path / "b", 1e6)):
        folder.mkdir()
        with study(folder, **bayes) as ledger:
            scheduler = Rounds(ledger, None)
            for number in range(4):
                assert scheduler.next(()) == Job(number, 0)
                end(ledger, Job(number, 0), {LOSS: loss if number == 1 else float(number)})
            write(ledger)
        Study(folder / "studies/search").forget(1)
        with study(folder, **bayes) as ledger:
            Rounds(ledger, None).next(())
            found.append([each for _, each in ledger.state.trials()])
    assert len(found[0]) == 8
    assert found[0] == found[1]


@pytest.mark.parametrize("name", SCHEDULERS)
def test_a_trial_is_trained_again_from_the_start(tmp_path: Path, name: str) -> None:
    keys = SCHEDULERS[name]
    trained(tmp_path, **keys)
    before = Study(tmp_path / "studies/search")
    assert before.best is not None
    best, scores = before.best.trial, before.best.scores
    before.rerun(best)
    assert before.trials[best].status == "unfinished"
    again = trained(tmp_path, **keys)
    assert best in {job.trial for job in again}
    after = Study(tmp_path / "studies/search")
    assert after.best is not None
    assert (after.best.trial, after.best.scores) == (best, scores)
    assert f"Trained again from the start, without their earlier results: trial {best}." in (
        after.as_markdown()
    )
    assert "unfinished" not in statuses(tmp_path)


STEERED: dict[str, Sequence[tuple[str, int]]] = {
    "all": [("train", 3), ("enqueue", 4), ("train", 2), ("rerun", 1), ("forget", 0)],
    "late": [("train", 9), ("forget", 2), ("enqueue", 16), ("train", 1), ("remember", 2)],
}


@pytest.mark.slow
@pytest.mark.parametrize("name", ["rounds", "halving"])
@pytest.mark.parametrize("steps", STEERED)
def test_the_journal_alone_decides(tmp_path: Path, name: str, steps: str) -> None:
    """A study that is stopped after every run has the leaderboard of one that is not."""
    keys, found = SCHEDULERS[name], []
    for most in (1, 1000):
        folder = tmp_path / str(most)
        folder.mkdir()
        trained(folder, 0, **keys)
        shown = Study(folder / "studies/search")
        for step, number in STEERED[steps]:
            if step == "train":
                for _ in range(number):
                    trained(folder, 1, **keys)
            elif step == "enqueue":
                shown.enqueue({UNITS: number})
            else:
                getattr(shown, step)(number)
        while trained(folder, most, **keys):
            pass
        shown = Study(folder / "studies/search")
        found.append(shown.as_json())
        entry = read_entry(shown.path)
        assert isinstance(entry, StudyEntry)
        assert shown.best is not None and entry.best_trial == shown.best.trial
        assert entry.state == "done"
    assert found[0] == found[1]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--enqueue", "lr=0.01"], "the space has no key 'lr'; did you mean 'optimizer.adam.lr'?"),
        (["--enqueue", f"{UNITS}=5"], "'params.units' is never 5; its values are [4, 8, 16]"),
        (["--enqueue", "nothing"], "override nothing: not an override; write key=value"),
        (["--enqueue"], "name values to try, such as optimizer.adam.lr=VALUE"),
        ([f"{UNITS}=4"], "'params.units=4' is not expected here; --enqueue adds a trial"),
        (["--forget", "7"], "the study has no trial 7; its trials are 0 to 3"),
        (["--remember", "1"], "trial 1 is not forgotten"),
        (["--rerun", "3"], "trial 3 has not been trained yet"),
        (["--forget", "0", "--forget", "9"], "no trial 9"),
        (["--forget", "0", "--rerun", "1"], "--rerun and --forget exclude each other"),
        (["--forget", "0", "--csv"], "--csv and --forget exclude each other"),
    ],
    ids=str,
)
def test_what_makes_no_sense_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    trained(tmp_path, 2, **RANDOM)
    folder = tmp_path / "studies/search"
    before = journal(folder)
    assert run(["study", str(folder), *words]) == 2
    assert said in capsys.readouterr().err
    assert journal(folder) == before


def test_values_that_a_trial_has_are_refused_with_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trained(tmp_path, 2, **RANDOM)
    folder = tmp_path / "studies/search"
    Study(folder).forget(1)
    for trial, said in (
        (0, "trial 0 has these values; --rerun 0 trains it again"),
        (1, "trial 1 has these values; --remember 1 lets it count again"),
        (3, "trial 3 has these values, and will be trained"),
    ):
        values = [f"{key}={value}" for key, value in Study(folder).trials[trial].suggestion.items()]
        assert run(["study", str(folder), "--enqueue", *values]) == 2
        assert said in capsys.readouterr().err


def test_a_study_that_runs_is_not_changed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with study(tmp_path, **RANDOM) as ledger:
        Rounds(ledger, None).next(())
        path = ledger.directory.path
        assert run(["study", str(path), "--forget", "0"]) == 2
        said = capsys.readouterr().err
        assert "runs this study" in said and "stop it (Ctrl-C), change it, and run its" in said
        with (path / "lock").open() as lock, pytest.raises(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_a_study_of_suggest_is_steered(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "study"
    plan, directory = ask_tell.begin(write_sweep(tmp_path, spec=SPEC, **RANDOM), [], path)
    asked = ask_tell.ask(plan, directory)
    assert asked is not None and asked.trial == 0
    assert run(["study", str(path), "--rerun", "0"]) == 2
    assert "a run of trial 0 waits for its result" in capsys.readouterr().err
    ask_tell.report(plan, directory, "0", reported.scored(plan, ["0.5"]))
    assert run(["study", str(path), "--rerun", "0"]) == 0
    assert run(["study", str(path), "--enqueue", f"{LR}=0.09", f"{UNITS}=4"]) == 0
    assert "trial 1 added  lr=0.09 units=4; it is trained when" in capsys.readouterr().out
    found = [ask_tell.ask(plan, directory) for _ in range(3)]
    assert [each.trial for each in found if each is not None] == [0, 1, 2]
    assert found[1] is not None and found[1].settings[LR] == 0.09


def test_another_sampler_takes_over_where_nothing_was_started(tmp_path: Path) -> None:
    trained(tmp_path, 2, **RANDOM)
    shown = Study(tmp_path / "studies/search")
    values = [trial.suggestion for trial in shown.trials]
    keys = {"search": {"sobol": {"trials": 4}}}
    assert [job.trial for job in trained(tmp_path, **keys)] == [2, 3]
    after = Study(shown.path)
    found = [trial.suggestion for trial in after.trials]
    assert found[:2] == values[:2] and found[2:] != values[2:]
    assert "From trial 2 on, sobol instead of random." in after.as_markdown()
    more = {"search": {"bayes": {"trials": 6, "start": 3, "batch": 1}}}
    assert [job.trial for job in trained(tmp_path, **more)] == [4, 5]
    (entry,) = [read_entry(shown.path)]
    assert isinstance(entry, StudyEntry)
    assert (entry.state, entry.trials) == ("done", 6)
    assert trained(tmp_path, **more) == []


def test_a_budget_that_has_ended_the_study_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(2):
        simulate(tmp_path, scored(0.1), search="random", budget={"epochs": 9})
    folder = str(tmp_path / "studies/search")
    assert run(["study", folder, "--enqueue", f"{UNITS}=4"]) == 0
    said = capsys.readouterr().out
    assert "the study was ended by budget.epochs: 8 of 9 epochs used" in said
    assert "raise budget.epochs if too few are left" in said
    assert run(["study", folder, "--forget", "0"]) == 0
    assert "budget" not in capsys.readouterr().out


def test_a_directory_that_cannot_be_written_is_not_said_to_be_busy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    trained(tmp_path, 2, **RANDOM)
    original = access.os.open

    def refusing(path: Any, flags: int, *more: Any, **options: Any) -> int:
        if flags & os.O_RDWR:
            raise OSError(errno.EROFS, os.strerror(errno.EROFS), str(path))
        return original(path, flags, *more, **options)

    monkeypatch.setattr(access.os, "open", refusing)
    assert run(["study", str(tmp_path / "studies/search"), "--forget", "0"]) == 2
    said = capsys.readouterr().err.strip()
    assert "lock: cannot write it: read-only file system" in said.lower()
    assert "while it runs" not in said and "Ctrl-C" not in said


def test_a_sampler_that_suggested_nothing_is_not_named(tmp_path: Path) -> None:
    trained(tmp_path, 2, **RANDOM)
    shown = Study(tmp_path / "studies/search")
    assert trained(tmp_path, search={"sobol": {"trials": 2}}) == []
    assert "instead of" not in Study(shown.path).as_markdown()
    more = {"search": {"bayes": {"trials": 3, "start": 1, "batch": 1}}}
    assert [job.trial for job in trained(tmp_path, **more)] == [2]
    (line,) = [line for line in Study(shown.path).as_markdown().split("\n") if "From trial" in line]
    assert "From trial 2 on, bayes instead of random." in line
    # The sampler that has suggested all of the trials so far suggests the next ones, too.
    assert trained(tmp_path, search={"sobol": {"trials": 3}}) == []
    assert [job.trial for job in trained(tmp_path, search=more["search"] | {})] == []
    assert Study(shown.path).as_markdown().count("instead of") == 1
