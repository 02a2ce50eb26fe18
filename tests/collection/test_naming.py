"""Short names of runs and studies."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest
from run_folders import write_run

import dlrun
from dlrun.cli.app import run
from dlrun.collection.naming import names, resolve, resolve_run, resolve_study, study_names
from dlrun.errors import DataError

OLD, NEW = "20261101-120000-aaaaaa", "20261103-120000-bbbbbb"
TRIALS = ("0000-1-20261101-120000-cccccc", "0000-2-20261101-120000-dddddd")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    write_run(tmp_path / "runs" / "moons" / OLD, (0.5, 0.1))
    write_run(tmp_path / "runs" / "moons" / NEW, (0.5, 0.3))
    write_run(tmp_path / "runs" / "iris" / "20261102-120000-eeeeee")
    study = tmp_path / "studies" / "search"
    for name in TRIALS:
        write_run(study / "trials" / name)
    (study / "journal.jsonl").write_text(
        '{"event": "study", "identity": {"objective": {"minimize": "validation.loss"}}}\n'
    )
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("word", "path"),
    [
        ("latest", f"runs/moons/{NEW}"),
        (OLD, f"runs/moons/{OLD}"),
        ("20261103", f"runs/moons/{NEW}"),
        ("moons/20261101", f"runs/moons/{OLD}"),
        ("iris", "runs/iris/20261102-120000-eeeeee"),
        ("moons@best", f"runs/moons/{OLD}"),
        ("search#0", f"studies/search/trials/{TRIALS[0]}"),
        ("sea#0.2", f"studies/search/trials/{TRIALS[1]}"),
        ("studies/search#0.1", f"studies/search/trials/{TRIALS[0]}"),
        ("latest#0", f"studies/search/trials/{TRIALS[0]}"),
        ("0000-2", f"studies/search/trials/{TRIALS[1]}"),
        (f"runs/moons/{OLD}", f"runs/moons/{OLD}"),
    ],
)
def test_a_word_is_a_run(folder: Path, word: str, path: str) -> None:
    assert resolve_run(word) == Path(path)
    assert resolve(word) == Path(path)


def test_the_newest_of_one_second_is_known_by_its_id(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ids = [f"20261101-120000-{letter}aaaaa" for letter in "2akz"]
    for number, name in enumerate(ids):
        write_run(Path("runs") / "za"[number % 2] / name, (0.5,))
    assert [entry.id for entry in dlrun.runs()] == ids[::-1]
    assert resolve_run("latest") == Path("runs/a") / ids[3]
    assert resolve_run("z@best") == Path("runs/z") / ids[2]
    (group,) = dlrun.compare(where=["status=done"]).groups
    assert [run.id for run in group.runs] == ids
    for number in (1, 2):
        name = f"000{2 - number}-{ids[number]}"
        write_run(Path("studies/search/trials") / name)
    assert [entry.id[5:] for entry in dlrun.runs("studies/search/trials")] == ids[2:0:-1]


def test_the_newest_study_began_last(folder: Path) -> None:
    for name, trial in (("search", TRIALS[0]), ("other", f"0000-{NEW}")):
        journal = folder / "studies" / name / "journal.jsonl"
        journal.parent.mkdir(exist_ok=True)
        started = {"event": "started", "trial": 0, "repeat": 0, "epochs": 2, "directory": trial}
        about = {"event": "study", "identity": {"objective": {"minimize": "validation.loss"}}}
        journal.write_text(f"{json.dumps(about)}\n{json.dumps(started)}\n")
    now = time.time()
    os.utime(folder / "studies/other/journal.jsonl", (now - 9, now - 9))
    assert resolve_study("latest") == Path("studies/other")
    assert Path(dlrun.runs("studies")[0]) == Path("studies/other")
    with journal.open("a") as file:  # a broken line after the first start does not matter
        file.write("{\n")
    os.utime(journal, (1, 1))
    assert resolve_study("latest") == Path("studies/other")
    (folder / "studies/search/journal.jsonl").write_text("{\n")  # known by its last change only
    assert resolve_study("latest") == Path("studies/search")


def test_a_path_of_a_study_is_found_from_anywhere(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "elsewhere").mkdir()
    monkeypatch.chdir(folder / "elsewhere")
    study = Path("../studies/search")
    assert resolve_run(f"{study}#0") == study / "trials" / TRIALS[0]
    with pytest.raises(DataError, match=f"^{study}: has no best trial"):
        resolve_run(f"{study}@best")


def test_a_path_that_exists_wins(folder: Path) -> None:
    for name in ("latest", "moons@best", "search#0", "20261103"):
        (folder / name).mkdir()
        assert resolve_run(name) == Path(name)


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("2026110", "2026110: 3 runs are called that: runs/iris/20261102-120000-eeeeee, runs/"),
        ("lates", "lates: no such run directory; did you mean 'latest'?"),
        ("moon@best", "moon@best: no runs of 'moon'; did you mean 'moons'?"),
        ("search#7", "search#7: studies/search has no such run; it has trials 0 to 0"),
        ("search#0.3", "search#0.3: trial 0 of studies/search has only runs 1, 2"),
        ("search#x", "search#x: write STUDY#TRIAL or STUDY#TRIAL.REPEAT"),
        ("serch#0", "serch#0: no study is called 'serch'; did you mean 'search'?"),
        ("search@best", "studies/search: has no best trial"),
        ("studies/search@best", "studies/search: has no best trial"),
    ],
)
def test_an_unknown_or_ambiguous_word_is_one_error(folder: Path, word: str, message: str) -> None:
    with pytest.raises(DataError) as caught:
        resolve_run(word)
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


def test_studies_have_names(folder: Path) -> None:
    for word in ("latest", "search", "sea"):
        assert resolve_study(word) == Path("studies/search")
        assert word == "latest" or resolve(word) == Path("studies/search")
    with pytest.raises(DataError, match="no such study directory; did you mean 'search'"):
        resolve_study("serach")


def test_of_equal_runs_the_newest_is_the_best_everywhere(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = [f"2026110{day}-120000-aaaaaa" for day in (3, 1, 2)]
    for name in names:
        time = f"2026-11-{name[6:8]}T12:00:00Z"
        write_run(folder / "runs" / "same" / name, (0.5, 0.2), time=time)
    newest = Path("runs/same") / names[0]
    assert resolve_run("same@best") == newest
    (first,) = dlrun.runs("runs/same", sort="best", top=1)
    assert Path(first.directory) == newest
    assert run(["runs", "runs/same", "--sort", "best", "--top", "1", "--csv"]) == 0
    assert names[0] in capsys.readouterr().out


def test_runs_with_different_monitors_have_no_best(folder: Path) -> None:
    other = {"monitor": "validation.accuracy", "mode": "max"}
    write_run(folder / "runs" / "moons" / "x", early_stopping=other)
    with pytest.raises(DataError, match="different monitors"):
        resolve_run("moons@best")


def test_without_runs_a_word_is_a_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert resolve_run("mine") == Path("mine")
    for kind, many, search in (("run", "runs", resolve), ("study", "studies", resolve_study)):
        message = f"latest: no such {kind} directory; no {many} are in runs and studies"
        with pytest.raises(DataError, match=message):
            search("latest")


def test_the_words_are_completed(folder: Path) -> None:
    assert names("la") == ["latest"]
    assert names("moo") == ["moons@best"]
    assert names("20261101") == [OLD]
    assert names("search#") == ["search#0"]
    assert study_names("") == ["latest", "search"]


def test_functions_take_words(folder: Path) -> None:
    assert dlrun.Run("moons@best").path == Path(f"runs/moons/{OLD}")
    assert dlrun.diff("latest", "latest").epochs == 2
    assert not dlrun.diff("latest", "moons@best").same
