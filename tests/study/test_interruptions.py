from __future__ import annotations

from pathlib import Path

from dlrun.run_directory.directory import RunDirectory
from dlrun.study.interruptions import MAXIMUM, Interruptions
from dlrun.study.store.job import Job

JOB = Job(7, 0)


def test_a_run_that_never_gets_further_is_a_hindrance(tmp_path: Path) -> None:
    run, found = RunDirectory(tmp_path / "study/trials/0007"), Interruptions()
    for number in range(1, MAXIMUM + 1):
        found.begin(JOB, run)
        said = found.hindrance(JOB, run, "its worker is gone", fixed=False)
        assert bool(said) == (number == MAXIMUM)
    assert f"0007 was interrupted {MAXIMUM} times in a row without a new checkpoint" in said
    assert said.endswith(f"leave the trial out with  dlrun study {tmp_path}/study --forget 7")
    found.begin(JOB, run)
    said = found.hindrance(JOB, run, "its worker is gone", fixed=True)
    assert said.endswith("or save checkpoints more often (checkpoint)")


def test_a_new_checkpoint_counts_as_progress(tmp_path: Path) -> None:
    run, found = RunDirectory(tmp_path / "study/trials/0007"), Interruptions()
    run.checkpoints.mkdir(parents=True)
    for number in range(3 * MAXIMUM):
        found.begin(JOB, run)
        if number % (MAXIMUM - 1) == 0:
            (run.checkpoints / f"last-{number}").touch()
        assert not found.hindrance(JOB, run, "its worker is gone", fixed=False)


def test_a_run_that_has_ended_is_forgotten(tmp_path: Path) -> None:
    run, found = RunDirectory(tmp_path / "study/trials/0007"), Interruptions()
    for _ in range(2 * MAXIMUM):
        for _ in range(MAXIMUM - 1):
            found.begin(JOB, run)
            assert not found.hindrance(JOB, run, "its worker is gone", fixed=False)
        found.end(JOB)
