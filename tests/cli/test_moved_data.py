"""A project that was moved or renamed: its runs read the same data from another path."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

Dlrun = Callable[..., subprocess.CompletedProcess[str]]
Spec = Callable[..., Path]

TABLE = "a,b,label\n" + "".join(
    f"{n * 0.37 % 1:.3f},{n * 0.71 % 1:.3f},{'yes' if n % 3 else 'no'}\n" for n in range(60)
)
SOURCE = {"csv": {"path": "old/table.csv", "target": "label"}}


@pytest.fixture
def table(tmp_path: Path) -> Iterator[Path]:
    """The table in its folder ``old``."""
    path = tmp_path / "old" / "table.csv"
    path.parent.mkdir()
    path.write_text(TABLE)
    yield path


def moved(tmp_path: Path) -> Path:
    """Rename the folder of the data; the new path of the table."""
    (tmp_path / "old").rename(tmp_path / "new")
    return tmp_path / "new" / "table.csv"


def data(**split: Any) -> dict[str, Any]:
    return {"source": SOURCE, "split": {"validation": 0.2, **split}}


def checked(dlrun: Dlrun, *arguments: object) -> subprocess.CompletedProcess[str]:
    done = dlrun(*arguments)
    assert done.returncode == 0, done.stderr
    return done


def test_a_finished_run_takes_another_path_of_the_same_data(
    dlrun: Dlrun, spec: Spec, only_run: Callable[[], Path], table: Path, tmp_path: Path
) -> None:
    checked(dlrun, "train", spec(data=data()))
    before, new, run = checked(dlrun, "evaluate", only_run()), moved(tmp_path), only_run()
    for command in ("evaluate", "verify", "resume"):
        lost = dlrun(command, run)
        assert lost.returncode == 2
        assert f"dlrun resume {run} data.source.csv.path=/NEW/PATH" in lost.stderr
        assert len(lost.stderr.splitlines()) == 1
    told = checked(dlrun, "resume", run, f"data.source.csv.path={new}").stderr.splitlines()
    assert told == [
        f"{run}: the data is now read from {new} (was {table})",
        f"{run}: already finished: all epochs are done",
    ]
    assert checked(dlrun, "evaluate", run).stdout == before.stdout
    assert checked(dlrun, "verify", run).stdout.startswith("bit-identical")
    assert "is now read from" not in checked(dlrun, "resume", run).stderr


def test_another_path_with_other_data_is_a_change(
    dlrun: Dlrun, spec: Spec, only_run: Callable[[], Path], table: Path, tmp_path: Path
) -> None:
    checked(dlrun, "train", spec(data=data()))
    new = moved(tmp_path)
    new.write_text(TABLE.replace("0.370", "0.371"))
    before = (only_run() / "resolved.yaml").read_bytes()
    refused = dlrun("resume", only_run(), f"data.source.csv.path={new}")
    assert refused.returncode == 2
    assert "data.source.csv.path was " in refused.stderr
    assert "the values of the data have changed" in refused.stderr
    assert (only_run() / "resolved.yaml").read_bytes() == before


def test_an_interrupted_run_is_resumed_from_the_new_path(
    dlrun: Dlrun, spec: Spec, only_run: Callable[[], Path], table: Path, tmp_path: Path
) -> None:
    lists = tmp_path / "old" / "validation.txt"
    lists.write_text("0\n7\n13\n")
    split = {"lists": {"validation": "old/validation.txt"}, "test": 0.0}
    path = spec(data={"source": SOURCE, "split": split})
    assert dlrun("train", path, "max_time=1e-9").returncode == 75
    new, run = moved(tmp_path), only_run()
    words = [
        f"data.source.csv.path={new}",
        f"data.split.lists.validation={new.parent / lists.name}",
    ]
    told = checked(dlrun, "resume", run, *words, "max_time=null")
    assert f"{new} (was {table})" in told.stderr
    assert "resuming after step 1" in told.stdout
    checked(dlrun, "verify", run)
    (new.parent / lists.name).rename(tmp_path / "other.txt")
    (tmp_path / "other.txt").write_text("0\n7\n14\n")
    refused = dlrun("resume", run, f"data.split.lists.validation={tmp_path / 'other.txt'}")
    assert (refused.returncode, "data.split.lists.validation was" in refused.stderr) == (2, True)


def test_all_folds_take_the_new_path(
    dlrun: Dlrun, spec: Spec, only_run: Callable[[], Path], table: Path, tmp_path: Path
) -> None:
    checked(dlrun, "train", spec(data=data(folds=2)))
    new, whole = moved(tmp_path), only_run()
    lost = dlrun("resume", whole)
    assert f"dlrun resume {whole} data.source.csv.path=/NEW/PATH" in lost.stderr
    told = checked(dlrun, "resume", whole, f"data.source.csv.path={new}").stderr.splitlines()
    assert told[0] == f"{whole}: the data is now read from {new} (was {table})"
    assert len(told) == 2
    for folder in (whole, whole / "fold-1", whole / "fold-2"):
        resolved = (folder / "resolved.yaml").read_text()
        assert (str(new) in resolved, str(table) in resolved) == (True, False)
    checked(dlrun, "evaluate", whole / "fold-2")
    checked(dlrun, "resume", whole, "epochs=5")


def test_every_source_of_files_names_its_paths(
    dlrun: Dlrun, spec: Spec, only_run: Callable[[], Path], tmp_path: Path
) -> None:
    """A folder of texts has several files, and a test set of its own."""
    for part in ("train", "test"):
        for label in ("good", "bad"):
            folder = tmp_path / "old" / part / label
            folder.mkdir(parents=True)
            for number in range(4):
                (folder / f"{number}.txt").write_text(f"{label} text {number}")
    source = {
        "source": {"text": {"path": "old/train"}},
        "preprocess": [{"tokenize": {"length": 4}}],
    }
    split = {"validation": 0.25, "test": "old/test"}
    embedding = {"embedding": {"tokens": "${vocabulary}", "units": 4}}
    model = [embedding, "flatten", {"dense": "${classes}"}]
    checked(dlrun, "train", spec(data={**source, "split": split}, model=model))
    run = only_run()
    shutil.move(tmp_path / "old", tmp_path / "new")
    lost = dlrun("evaluate", run).stderr
    assert "data.source.text.path=/NEW/PATH data.split.test=/NEW/PATH" in lost
    words = [f"data.source.text.path={tmp_path}/new/train", f"data.split.test={tmp_path}/new/test"]
    assert "is now read from" in checked(dlrun, "resume", run, *words).stderr
    checked(dlrun, "evaluate", run)
