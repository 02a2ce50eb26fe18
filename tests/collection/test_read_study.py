"""The short reader of studies tells what the full one does."""

from __future__ import annotations

import fcntl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from inline import InlineExecutor
from sweeps import write_sweep

import dlrun
from dlrun.collection.collect import collect, read_entry
from dlrun.collection.run_entry import RunEntry
from dlrun.collection.study_entry import StudyEntry
from dlrun.errors import DataError
from dlrun.study import study as running

SWEEPS: dict[str, dict[str, Any]] = {
    "plain": {},
    "repeats": {"repeats": 2, "search": {"random": {"trials": 3}}},
    "pruned": {"prune": "median"},
    "maximize": {"objective": {"maximize": "validation.accuracy"}},
    "trials": {"search": "random", "budget": {"trials": 2}},
    "epochs": {"search": "random", "budget": {"epochs": 11}},
}


@pytest.mark.parametrize("name", SWEEPS)
def test_a_study(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if name != "pruned":  # asked after every epoch, which needs a process
        monkeypatch.setattr(running, "LocalExecutor", InlineExecutor)
    study = dlrun.tune(write_sweep(tmp_path, **SWEEPS[name]), jobs=1, studies=tmp_path / "studies")
    (entry,) = collect([tmp_path / "studies"]).entries
    assert isinstance(entry, StudyEntry)
    best, statuses = study.best, [trial.status for trial in study.trials]
    assert best is not None
    assert (entry.name, entry.state, entry.trials) == ("search", "done", len(study.trials))
    assert entry.planned == (None if name == "epochs" else len(study.trials))
    assert (entry.done, entry.failed, entry.running) == (len(statuses), 0, 0)
    assert (entry.best_trial, entry.best) == (best.trial, best.scores[entry.objectives[0][0]])
    assert entry.suggestion == best.settings
    assert collect([tmp_path / "studies"]).entries == (entry,)  # from the index
    runs = collect([tmp_path / "studies" / "search"]).entries
    assert {run.trial for run in runs if isinstance(run, RunEntry)} == set(range(len(statuses)))
    assert all(isinstance(run, RunEntry) and run.study == str(study.path) for run in runs)
    text = study._repr_html_()
    assert f"{best.scores[entry.objectives[0][0]]:.5g} in trial {best.trial}" in text
    assert repr(study).startswith(f"Study({str(study.path)!r}: done, ")


def journal(path: Path, *records: str) -> Path:
    path.mkdir(parents=True)
    begin = '{"event": "study", "identity": {"objective": {"minimize": "loss"}}}'
    (path / "journal.jsonl").write_text("".join(f"{line}\n" for line in (begin, *records)))
    return path


BATCH = '{"event": "batch", "suggestions": [{"a": 1}, {"a": {"$number": "inf"}}]}'
START = '{"event": "started", "trial": 0, "repeat": 0, "epochs": 0, "directory": "%s"}'


def test_a_study_that_runs_is_told_by_its_lock(tmp_path: Path) -> None:
    name = "0000-20261101-120000-aaaaaa"
    path = journal(tmp_path / "s", BATCH, START % name)
    (path / "lock").write_text("1\n")
    found = read_entry(path)
    assert isinstance(found, StudyEntry)
    assert (found.state, found.running, found.created) == ("stopped", 0, 1793534400.0)
    with (path / "lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        found = read_entry(path)
        assert isinstance(found, StudyEntry)
        assert (found.state, found.running) == ("running", 1)


@pytest.mark.parametrize(
    "record",
    [
        "[]",
        "{}",
        '{"event": "batch"}',
        '{"event": "study", "identity": {"objective": 3}}',
        '{"event": "ended", "trial": 5, "repeat": 0, "epochs": 0, "outcome": {}}',
        '{"event": "pruned", "trials": 3}',
    ],
)
def test_a_broken_journal_is_one_note(tmp_path: Path, record: str) -> None:
    journal(tmp_path / "s", record)
    found = collect([tmp_path])
    assert found.entries == ()
    (note,) = found.notes
    assert note.startswith(f"{tmp_path}/s/journal.jsonl:2: not a record of a study")


def test_a_study_of_which_all_trials_failed(tmp_path: Path, spec: Callable[..., Path]) -> None:
    ended = (
        '{"event": "ended", "trial": 0, "repeat": 0, "epochs": 0, '
        '"outcome": {"status": "failed", "scores": {}}}'
    )
    path = journal(tmp_path / "s", '{"event": "batch", "suggestions": [{"a": 1}]}', ended)
    entry = read_entry(path)
    assert isinstance(entry, StudyEntry)
    assert (entry.state, entry.failed, entry.done, entry.best) == ("failed", 1, 0, None)
    with pytest.raises(DataError, match="neither a run nor a study"):
        read_entry(tmp_path)
