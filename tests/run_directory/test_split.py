"""split.csv names the set of every sample."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from dlrun.errors import DataError
from dlrun.experiment.compile import compile_spec
from dlrun.launch.resume import resume_run
from dlrun.launch.start import start
from dlrun.launch.training import Training
from dlrun.run_directory.directory import RunDirectory
from dlrun.run_directory.split import sizes, write_split

Spec = Callable[..., Path]


def read(run: RunDirectory) -> dict[str, list[list[str]]]:
    """The rows of each set, without its name."""
    with run.split_file.open(newline="") as file:
        header, *rows = csv.reader(file)
    assert header[:2] == ["set", "row"]
    sets = dict.fromkeys(row[0] for row in rows)
    return {name: [row[1:] for row in rows if row[0] == name] for name in sets}


def test_rows_are_those_of_the_source(spec: Spec, tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", x=np.arange(50.0)[:, None], y=np.arange(50) % 2)
    np.savez(tmp_path / "b.npz", x=np.arange(7.0)[:, None], y=np.arange(7) % 2)
    split = {"validation": 0.3, "test": "b.npz"}
    data: dict[str, Any] = {"source": {"npz": "a.npz"}, "split": split}
    path = spec(data=data, model=[{"dense": "${classes}"}], epochs=1)
    with start(path, runs=tmp_path / "runs") as training:
        training.run()
    sets = read(training.directory)
    assert list(sets) == ["train", "validation", "test"]
    prepared = compile_spec(path).data
    for name, part in (("train", prepared.train), ("validation", prepared.validation)):
        assert part is not None
        values = np.asarray(part.inputs)[:, 0].tolist()  # each is the index of its sample
        assert sets[name] == [[str(int(value))] for value in values]
    assert sets["test"] == [[str(row)] for row in range(7)]


def test_files_have_names_and_skipped_ones_no_row(spec: Spec, tmp_path: Path) -> None:
    for folder in "ab":
        (tmp_path / "photos" / folder).mkdir(parents=True)
        for number in range(6):
            image = Image.fromarray(np.full((4, 4, 3), number, np.uint8))
            image.save(tmp_path / "photos" / folder / f"{number}.png")
    (tmp_path / "photos" / "a" / "2.png").write_text("broken")
    source = {"images": {"path": "photos", "on_error": "skip"}}
    data = {"source": source, "split": {"validation": 0.3}}
    path = spec(data=data, model=["flatten", {"dense": "${classes}"}], epochs=1)
    with start(path, runs=tmp_path / "runs") as training:
        training.run()
    rows = sorted(
        (int(row), name) for rows in read(training.directory).values() for row, name in rows
    )
    files = [f"photos/{c}/{n}.png" for c in "ab" for n in range(6) if (c, n) != ("a", 2)]
    assert rows == list(enumerate(files))


def test_a_resumed_run_describes_its_current_split(spec: Spec, tmp_path: Path) -> None:
    with start(spec(epochs=1), runs=tmp_path) as training:
        training.run()
    run, before = training.directory, training.directory.split_file.read_bytes()
    run.split_file.unlink()  # as in runs of earlier versions
    resumed = resume_run(run.path, {"epochs": 2})
    assert isinstance(resumed, Training)
    with resumed:
        resumed.run()
    assert run.split_file.read_bytes() == before


@pytest.mark.parametrize("names", [None, ["a,b.png", "\udcff.png"]])
def test_any_name_of_a_file_can_be_written(tmp_path: Path, names: list[str] | None) -> None:
    path = tmp_path / "split.csv"
    write_split(path, {"train": ([0, 2], names), "test": ([1], None)})
    lines = ["set,row", "train,0", "train,2", "test,1"]
    if names is not None:
        lines = ["set,row,file", 'train,0,"a,b.png"', "train,2,\\udcff.png", "test,1,"]
    assert path.read_text().splitlines() == lines
    assert sizes(path) == {"train": 2, "test": 1}


def test_the_sizes_of_the_sets(tmp_path: Path) -> None:
    path = tmp_path / "split.csv"
    assert not sizes(path)
    path.write_text("set,row,file\ntrain,0,a\ntrain,2,test\ntest,1,b\n")
    assert sizes(path) == {"train": 2, "test": 1}
    path.write_text('set,row,file\ntrain,0,"a\nb"\ntest,1,c\n')  # a line end in a name
    assert sizes(path) == {"train": 1, "test": 1}


@pytest.mark.parametrize(
    "text", ["set,row\n\n", "set,row\nall,1\n", 'set\n"' + "x" * 200_000 + '"\n']
)
def test_a_broken_table_has_no_sizes(tmp_path: Path, text: str) -> None:
    (tmp_path / "split.csv").write_text(text)
    with pytest.raises(DataError, match="the file is broken"):
        sizes(tmp_path / "split.csv")
