"""Runs and studies on another disk, which links in the folders of runs and studies lead to."""

from __future__ import annotations

from pathlib import Path

import pytest
from run_folders import write_folds, write_run

import dlrun
from dlrun.cli.app import run
from dlrun.collection.collect import collect
from dlrun.collection.naming import resolve, resolve_run

OLD, NEW = "20261101-120000-aaaaaa", "20261103-120000-bbbbbb"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "runs").mkdir()
    (tmp_path / "disk").mkdir()
    monkeypatch.chdir(tmp_path)


def write_study(path: Path) -> None:
    write_run(path / "trials" / f"0000-{OLD}")
    (path / "journal.jsonl").write_text(
        '{"event": "study", "identity": {"objective": {"minimize": "validation.loss"}}}\n'
    )


def linked(link: Path, target: Path) -> None:
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(target.absolute(), target_is_directory=True)


def directories(*roots: str, inner: bool = False) -> list[str]:
    return sorted(entry.directory for entry in collect(roots or None, inner=inner).entries)


def test_the_folder_of_an_experiment(capsys: pytest.CaptureFixture[str]) -> None:
    write_run(Path("disk/moons", OLD), (0.5, 0.1))
    write_run(Path("disk/moons", NEW), (0.5, 0.3))
    linked(Path("runs/moons"), Path("disk/moons"))
    assert directories() == [f"runs/moons/{OLD}", f"runs/moons/{NEW}"]
    assert directories() == directories("runs/moons")  # also from the index
    assert [each.id for each in dlrun.runs()] == [NEW, OLD]
    assert resolve_run("latest") == Path("runs/moons", NEW)
    assert resolve_run("moons@best") == Path("runs/moons", OLD)
    assert resolve_run("20261101") == Path("runs/moons", OLD)
    assert run(["compare", "--where", "name=moons"]) == 0
    assert run(["report", "runs", "--out", "all.html"]) == 0
    assert NEW in Path("all.html").read_text()
    assert capsys.readouterr().err == ""


def test_a_run() -> None:
    write_run(Path("disk", OLD))
    linked(Path("runs/moons", OLD), Path("disk", OLD))
    assert directories() == [f"runs/moons/{OLD}"]
    assert collect().notes == ()
    assert resolve_run("latest") == resolve_run("moons@best") == Path("runs/moons", OLD)


def test_a_run_in_the_folder_of_an_experiment() -> None:
    write_run(Path("disk/more", NEW))
    linked(Path("disk/moons", NEW), Path("disk/more", NEW))
    linked(Path("runs/moons"), Path("disk/moons"))
    assert directories() == [f"runs/moons/{NEW}"]


def test_a_study_and_a_cross_validation() -> None:
    write_study(Path("disk/search"))
    linked(Path("studies/search"), Path("disk/search"))
    folds = write_folds(Path("disk", NEW), [(0.5,), (0.4,)])
    linked(Path("runs/moons", NEW), folds)
    assert directories() == [f"runs/moons/{NEW}", "studies/search"]
    inner = [f"runs/moons/{NEW}/fold-1", f"runs/moons/{NEW}/fold-2"]
    trial = f"studies/search/trials/0000-{OLD}"
    assert directories(inner=True) == sorted([*directories(), *inner, trial])
    assert resolve("search") == Path("studies/search")
    assert resolve_run("search#0") == Path(trial)


def test_each_directory_is_there_once() -> None:
    write_run(Path("runs/moons", OLD))
    write_run(Path("disk", NEW))
    write_study(Path("studies/search"))
    linked(Path("runs/again"), Path("runs/moons"))
    linked(Path("runs/iris", OLD), Path("runs/moons", OLD))
    linked(Path("runs/moons", NEW), Path("disk", NEW))
    linked(Path("runs/trials"), Path("studies/search/trials"))
    linked(Path("runs/up"), Path("runs"))
    linked(Path("runs/moons/up"), Path())
    Path("runs/self").symlink_to("self")
    assert directories() == [f"runs/moons/{OLD}", f"runs/moons/{NEW}", "studies/search"]
    every = directories("runs", "disk", "studies")
    assert every == [f"disk/{NEW}", f"runs/moons/{OLD}", "studies/search"]
    assert resolve_run("20261101") == Path("runs/moons", OLD)


def test_what_dlrun_would_not_make_is_not_followed() -> None:
    write_run(Path("disk/secret"))
    write_run(Path("disk/deep/runs/moons", OLD))
    linked(Path("runs/moons/link"), Path("disk/secret"))
    linked(Path("runs/deep"), Path("disk/deep"))
    assert directories() == []


def test_a_run_that_is_incomplete_or_unreadable_is_said() -> None:
    write_run(Path("disk/moons", OLD))
    Path("disk/moons", NEW).mkdir()
    Path("disk/moons", NEW, "spec.yaml").write_text("")
    linked(Path("runs/moons"), Path("disk/moons"))
    (note,) = collect().notes
    assert note.startswith(f"runs/moons/{NEW}: not a run directory: it has no resolved.yaml")
