"""What a study makes of what its workers say, and of what it finds in its directory."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from inline import InlineExecutor
from sweeps import journal, write_sweep

from dlrun.errors import DataError, MachineError
from dlrun.study import interruptions, study
from dlrun.study.events import Event, JobNoted, StudyEnded
from dlrun.study.executors.base import Crashed, Lost, News
from dlrun.study.executors.protocol import Failed
from dlrun.study.store.directory import StudyDirectory
from dlrun.study.study import Study
from dlrun.study.sweep.compile import read_plan
from dlrun.training.stop import Stop

Tune = Callable[..., list[Event]]

BOARD = ("leaderboard.csv", "leaderboard.md", "leaderboard.json", "best.yaml")


@pytest.fixture
def tune(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tune:
    """Runs a study of three trials in this process; a task may end with other news."""

    def run(*instead: Failed | Crashed | Lost | None, name: str = "study") -> list[Event]:
        left = deque(instead)

        class Executor(InlineExecutor):
            def news(self, timeout: float) -> Sequence[News]:
                found = super().news(timeout)
                other = left.popleft() if left and found else None
                return found if other is None else [News(found[-1].number, other)]

        monkeypatch.setattr(study, "LocalExecutor", Executor)
        sweep = write_sweep(tmp_path, search={"random": {"trials": 3}}, retries=2)
        plan = read_plan(sweep)
        return list(Study(plan, StudyDirectory(tmp_path / name), 1).run(Stop()))

    return run


def board(folder: Path) -> list[bytes]:
    return [(folder / name).read_bytes() for name in BOARD]


def events(folder: Path, event: str) -> list[dict[str, Any]]:
    return [record for record in journal(folder) if record["event"] == event]


@pytest.mark.parametrize("number", [0, 2])
def test_a_fault_of_the_machine_stops_the_study_and_fails_no_trial(
    tune: Tune, tmp_path: Path, number: int
) -> None:
    tune(name="whole")
    failed = Failed("x: cannot write it: no space left on device", of_machine=True)
    with pytest.raises(
        MachineError, match="no space left on device; fix that, and run the same comm"
    ):
        tune(*[None] * number, failed)
    folder = tmp_path / "study"
    assert len(events(folder, "ended")) == number
    assert [each["trial"] for each in events(folder, "interrupted")] == [number]
    tune()
    assert board(folder) == board(tmp_path / "whole")
    assert not [each for each in events(folder, "ended") if each["outcome"]["status"] == "failed"]


def test_workers_that_are_gone_before_they_begin_fail_no_trial(tune: Tune, tmp_path: Path) -> None:
    tune(name="whole")
    gone = Crashed("its process was killed by SIGKILL (out of memory?)", begun=False)
    tune(gone, gone)  # as many as are tried again
    assert board(tmp_path / "study") == board(tmp_path / "whole")
    with pytest.raises(MachineError, match="a worker cannot start: its process was killed by"):
        tune(gone, gone, gone, name="other")
    assert not events(tmp_path / "other", "ended") and not events(tmp_path / "other", "crashed")
    tune(name="other")
    assert board(tmp_path / "other") == board(tmp_path / "whole")


def test_interruptions_cost_no_retry_but_a_run_needs_progress(tune: Tune, tmp_path: Path) -> None:
    tune(name="whole")
    lost = Lost("its process was killed from outside by SIGKILL")
    tune(*[lost] * 4)  # the run has two retries
    assert board(tmp_path / "study") == board(tmp_path / "whole")
    assert [len(events(tmp_path / "study", each)) for each in ("interrupted", "crashed")] == [4, 0]


def test_a_run_that_is_interrupted_again_and_again_ends_the_study(
    tune: Tune, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(interruptions, "_stored", lambda run: {})
    with pytest.raises(MachineError, match="interrupted 5 times in a row without a new checkpoint"):
        tune(*[Lost("its worker is gone")] * 5)
    assert not events(tmp_path / "study", "crashed")
    monkeypatch.undo()
    assert len(events(tmp_path / "study", "ended")) == 0


def test_a_trial_that_is_at_fault_itself_has_failed(tune: Tune, tmp_path: Path) -> None:
    tune(Failed("out of memory"))
    (failed,) = [
        each
        for each in events(tmp_path / "study", "ended")
        if each["outcome"]["status"] == "failed"
    ]
    assert failed["outcome"]["reason"] == "out of memory"


def undone(folder: Path, trial: int) -> Path:
    """As if the study had been killed before it wrote down that a run had ended."""
    kept = [
        line
        for line in (folder / "journal.jsonl").read_text().splitlines(keepends=True)
        if not ('"ended"' in line and f'"trial": {trial},' in line)
    ]
    (folder / "journal.jsonl").write_text("".join(kept))
    (run,) = (folder / "trials").glob(f"{trial:04}-*")
    return run


@pytest.mark.parametrize("text", ["", "{}", "[", "null"])
def test_a_result_that_a_power_cut_broke_does_not_block_a_study(
    tune: Tune, tmp_path: Path, text: str
) -> None:
    tune()
    before = board(tmp_path / "study")
    (undone(tmp_path / "study", 1) / "result.json").write_text(text)
    notes = [each for each in tune() if isinstance(each, JobNoted)]
    assert [each.job.trial for each in notes] == [1]
    assert notes[0].text.endswith("the run is treated as unfinished")
    assert board(tmp_path / "study") == before


def test_metrics_that_a_power_cut_broke_do_not_block_a_study(tune: Tune, tmp_path: Path) -> None:
    tune()
    before = board(tmp_path / "study")
    run = undone(tmp_path / "study", 1)
    (run / "metrics.csv").write_text("")
    notes = [each.text for each in tune() if isinstance(each, JobNoted)]
    assert len(notes) == 2 and "is kept in" in notes[1]
    assert board(tmp_path / "study") == before


def test_a_link_in_the_place_of_a_run_is_refused(tune: Tune, tmp_path: Path) -> None:
    tune()
    run = undone(tmp_path / "study", 1)
    run.rename(tmp_path / "moved")
    run.symlink_to(tmp_path / "moved")
    with pytest.raises(MachineError, match="is a symbolic link"):
        tune()


@pytest.mark.parametrize("name", ["lock", "journal.jsonl", "trials"])
def test_no_link_in_a_study_is_followed_to_write(tune: Tune, tmp_path: Path, name: str) -> None:
    tune()
    path, victim = tmp_path / "study" / name, tmp_path / "victim"
    if path.exists():
        path.rename(victim)
    else:
        victim.write_text("")
    before = victim.read_bytes() if victim.is_file() else sorted(victim.iterdir())
    path.symlink_to(victim)
    with pytest.raises(DataError, match=rf"{name}: (is a symbolic link|.*symbolic link)"):
        tune()
    after = victim.read_bytes() if victim.is_file() else sorted(victim.iterdir())
    assert after == before


def test_what_a_killed_study_did_not_finish_is_removed(tune: Tune, tmp_path: Path) -> None:
    tune()
    left = [tmp_path / "study" / ".best.yaml.12345678.tmp"]
    (tmp_path / "study" / "plots").mkdir()
    left.append(tmp_path / "study" / "plots" / ".slices.png.12345678.tmp")
    for path in left:
        path.write_text("half")
    tune()
    assert not any(path.exists() for path in left)


def made(folder: Path) -> Study:
    """A study of three trials that is neither run nor closed."""
    plan = read_plan(write_sweep(folder, search={"random": {"trials": 3}}))
    return Study(plan, StudyDirectory(folder / "study"), 1)


def test_a_study_that_has_ended_releases_its_lock(tune: Tune, tmp_path: Path) -> None:
    tune()
    first = made(tmp_path)
    assert isinstance(list(first.run(Stop()))[-1], StudyEnded)
    second = made(tmp_path)  # in the same process, while the first one is still referenced
    assert isinstance(list(second.run(Stop()))[-1], StudyEnded)
    assert first.state.outcomes == second.state.outcomes
    with pytest.raises(RuntimeError, match="runs once"):
        next(first.run(Stop()))


def test_a_study_holds_its_lock_until_it_is_closed(tune: Tune, tmp_path: Path) -> None:
    tune()
    first = made(tmp_path)
    events = first.run(Stop())
    next(events)
    with pytest.raises(DataError, match="runs this study"):
        made(tmp_path)
    del events  # in the middle
    second = made(tmp_path)
    second.close()
    second.close()
    third = made(tmp_path)
    del third
    list(made(tmp_path).run(Stop()))


def test_a_study_that_cannot_be_opened_releases_its_lock(tune: Tune, tmp_path: Path) -> None:
    tune()
    journal_file = tmp_path / "study" / "journal.jsonl"
    content = journal_file.read_text()
    journal_file.write_text("[]\n")
    with pytest.raises(DataError, match="not a journal"):
        made(tmp_path)
    journal_file.write_text(content)
    list(made(tmp_path).run(Stop()))
