"""``clean``: what is deleted, what never is, and that everything that stays is valid."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from studies import study
from sweeps import SPEC, write_sweep

import dlrun
from dlrun.errors import DataError, InputError
from dlrun.run_directory import reduced
from dlrun.run_directory.lock import Lock

ID = "20261101-120000-aaaaaa"
EVERYTHING: Any = {"broken": True, "temporary": True, "last": True, "states": True, "keep_best": 0}
X = np.zeros((2, 2))


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that keeps its last weights, one that keeps the best, and a study of three trials."""
    folder = tmp_path_factory.mktemp("trained")
    spec = {**SPEC, "epochs": 2}
    dlrun.train({**spec, "name": "plain"}, runs=folder / "runs")
    dlrun.train({**spec, "name": "best", "early_stopping": {}}, runs=folder / "runs")
    sweep = write_sweep(folder, spec=spec, search={"random": {"trials": 3}})
    dlrun.tune(sweep, jobs=1, studies=folder / "studies")
    return folder


@pytest.fixture
def here(trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copytree(trained, tmp_path / "here", symlinks=True)
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "here"


def run_of(name: str) -> Path:
    (path,) = (each for each in Path("runs", name).glob("[0-9]*") if each.name != ID)
    return path


def checkpoints(path: Path) -> set[str]:
    return {file.stem for file in (path / "checkpoints").glob("*.safetensors")}


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != ".dlrun-index.jsonl"
    }


def test_nothing_is_deleted_without_being_asked(here: Path) -> None:
    before = files(here)
    cleaned = dlrun.clean(**EVERYTHING)
    assert not cleaned.deleted and cleaned.size > 0
    assert files(here) == before


def test_a_run_predicts_as_before_and_is_not_resumed(here: Path) -> None:
    plain, best = run_of("plain"), run_of("best")
    before = [dlrun.Run(path).evaluate() for path in (plain, best)]
    planned = dlrun.clean(last=True, states=True)
    cleaned = dlrun.clean(last=True, states=True, delete=True)
    assert cleaned.deletions == planned.deletions
    assert [dlrun.Run(path).evaluate() for path in (plain, best)] == before
    assert checkpoints(best) == {"best"}
    assert "last" in checkpoints(plain)
    for path in (plain, best):
        assert dlrun.resume(path).path == path  # it is complete
        rows = dlrun.Run(path).metrics
        with pytest.raises(DataError, match="deleted its training state; predict and evaluate"):
            dlrun.resume(path, ["epochs=9"])
        assert dlrun.Run(path).metrics == rows
        assert dlrun.Run(path).result["status"] == "completed"
    assert dlrun.clean(last=True, states=True).deletions == ()


def test_what_is_freed_is_what_was_announced(here: Path) -> None:
    path = run_of("plain") / "checkpoints" / "last.safetensors"
    size = path.stat().st_size
    (state,) = dlrun.clean("runs/plain", states=True, delete=True).deletions
    assert 0 < state.size <= size - path.stat().st_size


def test_the_best_trials_keep_their_weights(here: Path) -> None:
    board = dlrun.Study("studies/search")
    assert board.best is not None and board.best.run is not None
    dlrun.clean(keep_best=1, states=True, delete=True)
    kept = [path for path in Path("studies/search/trials").iterdir() if checkpoints(path)]
    assert [path.name for path in kept] == [board.best.run.path.name]
    dlrun.Run(kept[0]).evaluate()
    (other, *_) = (path for path in Path("studies/search/trials").iterdir() if path not in kept)
    assert dlrun.Run(other).result["status"] == "completed"
    with pytest.raises(DataError, match="dlrun clean has deleted it"):
        dlrun.Run(other).evaluate()
    with pytest.raises(DataError, match="dlrun clean has deleted it; train the run again"):
        dlrun.archive(other)
    with pytest.raises(DataError, match="deleted its weights; train it again in a new run"):
        dlrun.resume(other, ["epochs=9"])
    assert dlrun.Study("studies/search").trials == board.trials


@pytest.mark.parametrize(
    "root", ["studies/search", "studies/search/", "./studies/../studies/search"]
)
def test_a_study_may_be_named_itself(here: Path, root: str) -> None:
    found = dlrun.clean(root, keep_best=1).deletions
    whole = dlrun.clean("studies", keep_best=1).deletions
    assert {each.directory.name for each in found} == {each.directory.name for each in whole}
    assert len(found) >= 1


def test_a_study_that_has_not_ended_is_left_alone(here: Path) -> None:
    write = write_sweep(here, spec={**SPEC, "epochs": 2}, search={"random": {"trials": 9}})
    with study(here, spec={**SPEC, "epochs": 2}, search={"random": {"trials": 9}}):
        running = dlrun.clean("studies", **EVERYTHING)
    assert write.exists()
    assert running.deletions == ()
    stopped = dlrun.clean("studies", **EVERYTHING)
    assert stopped.deletions == ()
    assert any("may resume" in note for note in stopped.notes)


def test_tagged_old_and_chosen_runs(here: Path) -> None:
    dlrun.tag(run_of("plain"), ["paper"])

    def cleaned(**more: Any) -> set[str]:
        found = dlrun.clean("runs", states=True, **more).deletions
        return {each.directory.parent.name for each in found}

    assert cleaned() == {"best"}
    assert cleaned(tagged=True) == {"plain", "best"}
    assert cleaned(tagged=True, where=["name=plain"]) == {"plain"}
    assert cleaned(tagged=True, older_than="1h") == set()
    os.utime(run_of("plain") / "result.json", (1_000_000, 1_000_000))
    assert cleaned(tagged=True, older_than="1h") == {"plain"}


def test_a_run_that_is_trained_is_left_alone(here: Path) -> None:
    broken = Path("runs/plain") / ID
    broken.mkdir()
    locks = [Lock.acquire(broken), Lock.acquire(run_of("best"))]
    before = files(here / "runs" / "best")
    cleaned = dlrun.clean("runs/plain", "runs/best", delete=True, **EVERYTHING)
    assert {each.directory for each in cleaned.deletions}.isdisjoint({broken, run_of("best")})
    assert files(here / "runs" / "best") == before
    for lock in locks:
        lock.release()
    dlrun.clean("runs/plain", delete=True)
    assert not broken.exists()


def test_broken_starts_and_leftovers_go_by_default(here: Path) -> None:
    broken = Path("runs/plain") / ID
    broken.mkdir()
    (broken / "spec.yaml").write_text("x")
    (run_of("best") / ".result.json.0123abcd.tmp").write_text("x")
    mine = run_of("best") / ".mine.0123abcd.tmp"
    mine.write_text("x")
    before = files(here)
    cleaned = dlrun.clean(delete=True)
    assert {each.rule for each in cleaned.deletions} == {"broken", "temporary"}
    assert before.keys() - files(here).keys() == {
        f"{broken}/spec.yaml",
        f"{run_of('best')}/.result.json.0123abcd.tmp",
    }
    assert mine.exists() and not broken.exists()


@pytest.mark.parametrize("write", ["replace", "remove", "staged"])
def test_what_an_interruption_leaves_is_valid(
    here: Path, monkeypatch: pytest.MonkeyPatch, write: str
) -> None:
    before = [dlrun.Run(run_of(name)).evaluate() for name in ("plain", "best")]

    def killed(*_: Any, **__: Any) -> Iterator[None]:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(reduced, write, killed)
        with pytest.raises(KeyboardInterrupt):
            dlrun.clean("runs", last=write != "staged", states=True, delete=True)
    assert [dlrun.Run(run_of(name)).evaluate() for name in ("plain", "best")] == before
    dlrun.clean("runs", last=True, states=True, delete=True)
    assert dlrun.clean("runs", last=True, states=True).deletions == ()
    assert [dlrun.Run(run_of(name)).evaluate() for name in ("plain", "best")] == before


def test_a_broken_best_keeps_the_last(here: Path) -> None:
    path = run_of("best") / "checkpoints" / "best.safetensors"
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    cleaned = dlrun.clean("runs/best", last=True, delete=True)
    assert any("broken or was changed" in note for note in cleaned.notes)
    assert "last" in checkpoints(run_of("best"))


def test_what_cannot_be_asked_for(here: Path) -> None:
    for wrong in ({"cache_over": "x"}, {"older_than": "x"}, {"keep_best": -1}, {"where": ["x"]}):
        with pytest.raises(InputError):
            dlrun.clean(**wrong)  # type: ignore[arg-type]
    with pytest.raises(DataError, match="no such folder"):
        dlrun.clean("none")


STRANGE = st.lists(
    st.tuples(
        st.sampled_from(["", "checkpoints", "plots", ID, f"{ID}/checkpoints", "trials"]),
        st.sampled_from(
            [
                *("resolved.yaml", "result.json", "journal.jsonl", "lock", "metrics.csv"),
                *("last.safetensors", "best.safetensors", "manifest.json", "notes.txt"),
                *(".result.json.0123abcd.tmp", ".last.safetensors.0123abcd.tmp"),
            ]
        ),
        st.sampled_from(["text", "empty", "object", "folder", "link", "loop", "pipe"]),
    ),
    max_size=8,
)
MINE = {"notes.txt"}


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(strange=STRANGE)
def test_strange_directories_lose_nothing_that_is_not_ours(
    tmp_path_factory: pytest.TempPathFactory, strange: list[tuple[str, str, str]]
) -> None:
    folder = tmp_path_factory.mktemp("strange")
    outside = folder / "outside"
    outside.mkdir()
    for name in ("last.safetensors", "result.json", ".result.json.0123abcd.tmp"):
        (outside / name).write_text("{}")
    root = folder / "root"
    for parent, name, kind in strange:
        path = root / "moons" / parent / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not os.path.lexists(path):
            _make(path, kind, outside)
    root.mkdir(exist_ok=True)
    kept = {path for path in root.rglob("*") if path.is_symlink() or path.name in MINE}
    pipes = {path for path in root.rglob("*") if path.is_fifo()}
    with suppress(DataError):
        dlrun.clean(root, delete=True, **EVERYTHING)
    assert len(files(outside)) == 3
    assert all(map(os.path.lexists, kept | pipes))


def _make(path: Path, kind: str, outside: Path) -> None:
    match kind:
        case "text":
            path.write_text("what: [")
        case "empty":
            path.touch()
        case "object":
            path.write_text("{}")
        case "folder":
            path.mkdir()
        case "link":
            path.symlink_to(outside / "last.safetensors")
        case "loop":
            path.symlink_to(path)
        case "pipe":
            os.mkfifo(path)


def test_what_a_link_leads_to_is_left_unless_the_link_is_named(here: Path) -> None:
    moved = []
    for name in ("plain", "best"):
        path = run_of(name)
        (here / name).mkdir()
        moved.append(path.rename(here / name / path.name))
        path.symlink_to(moved[-1], target_is_directory=True)
    Path("runs/best").rename(here / "links")
    Path("runs/best").symlink_to(here / "best", target_is_directory=True)
    before = [files(path) for path in moved]
    link = Path("runs/plain", moved[0].name)
    notes = dlrun.clean("runs", delete=True, **EVERYTHING).notes
    said = "is a link; name it to clean what it leads to"
    assert sorted(notes) == [f"runs/best: {said}", f"{link}: {said}"]
    assert [files(path) for path in moved] == before
    assert dlrun.clean(link, states=True, delete=True).deletions
    assert dlrun.clean("runs/best", states=True, delete=True).deletions


def test_a_tagged_study_is_one_note(here: Path) -> None:
    (study,) = (path for path in Path("studies").iterdir() if (path / "journal.jsonl").exists())
    dlrun.tag(study, ["paper"])
    notes = [note for note in dlrun.clean(states=True).notes if "tagged" in note]
    assert notes == [f"{study}: is tagged paper; --tagged includes it"]
