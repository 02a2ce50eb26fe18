"""Data and specs from somebody else, through the command line as a process."""

from __future__ import annotations

import csv
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from sweeps import write_sweep

Dlrun = Callable[..., subprocess.CompletedProcess[str]]
Spec = Callable[..., Path]


def refused(result: subprocess.CompletedProcess[str]) -> str:
    assert (result.returncode, result.stdout) == (2, ""), result.stderr
    (line,) = result.stderr.splitlines()
    return line


def test_python_objects_are_not_unpickled(dlrun: Dlrun, spec: Spec, tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> Any:
            return os.mkdir, (str(tmp_path / "trapped"),)

    for name in ("x.npy", "y.npy"):
        np.save(tmp_path / name, np.array([Trap(), Trap()]), allow_pickle=True)
    np.savez(tmp_path / "a.npz", x=np.array([Trap(), Trap()]), y=np.arange(2))
    for source in ({"npy": "."}, {"npz": "a.npz"}):
        assert "Python objects" in refused(dlrun("train", spec(data={"source": source})))
    assert not (tmp_path / "trapped").exists()


def test_a_pipe_is_not_waited_for(dlrun: Dlrun, spec: Spec, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "t.csv")
    path = spec(data={"source": {"csv": {"path": "t.csv", "target": "y"}}})
    assert "t.csv: a pipe or a device instead of a file" in refused(dlrun("train", path))


@pytest.mark.usefixtures("pictures")
@pytest.mark.slow
def test_libraries_take_no_settings_from_the_working_directory(
    dlrun: Dlrun, spec: Spec, tmp_path: Path, only_run: Callable[[], Path]
) -> None:
    os.mkfifo(tmp_path / "matplotlibrc")
    (tmp_path / ".numba_config.yaml").write_text("- no settings\n")  # an error of Numba's
    result = dlrun("train", spec(epochs=1), "-q", DLRUN_KERNELS="numba")
    assert (result.returncode, result.stderr) == (0, "")
    assert (only_run() / "plots" / "learning-curve.png").exists()
    sweep = write_sweep(tmp_path, search={"random": {"trials": 1}})
    result = dlrun("tune", sweep, "--jobs", "1", "-q", DLRUN_KERNELS="numba")
    assert (result.returncode, result.stderr) == (0, "")
    assert '"completed"' in (tmp_path / "studies" / "search" / "journal.jsonl").read_text()


def test_names_in_data_cannot_break_a_line(dlrun: Dlrun, spec: Spec, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text('"x\n\x1b[31m",y\n1,a\nb,b\n')
    source = {"csv": {"path": "t.csv", "target": "y", "columns": {"x\n\x1b[31m": "numeric"}}}
    line = refused(dlrun("train", spec(data={"source": source})))
    assert r"column 'x\n\x1b[31m': 'b' is not a number" in line


@pytest.mark.parametrize("name", ["../up", "/tmp/away", "a/b", "..", ".hidden", "a\0b", ""])
def test_no_name_leads_out_of_the_folder_of_runs(
    dlrun: Dlrun, spec: Spec, tmp_path: Path, name: str
) -> None:
    path = spec(name=name)
    before = set(tmp_path.parent.iterdir()) | set(tmp_path.iterdir())
    assert ":2:" in refused(dlrun("train", path))
    assert set(tmp_path.parent.iterdir()) | set(tmp_path.iterdir()) == before


def test_broken_images_are_counted_and_listed(
    dlrun: Dlrun, spec: Spec, tmp_path: Path, only_run: Callable[[], Path]
) -> None:
    for number in range(24):
        path = tmp_path / "photos" / "ab"[number % 2] / f"{number:02}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", (4, 4), number).save(path)
        if number % 3 == 0:
            path.write_bytes(path.read_bytes()[:40])
    images: dict[str, Any] = {"path": "photos", "mode": "grayscale"}
    data = {"source": {"images": images}, "split": {"validation": 0.2}, "batch_size": 4}
    model = ["flatten", {"dense": "${classes}"}]
    cache = {"DLRUN_CACHE": str(tmp_path / "cache")}
    assert "photos/a/00.png" in refused(dlrun("train", spec(data=data, model=model), **cache))

    images["on_error"] = "skip"
    result = dlrun("train", spec(data=data, model=model), "-q", **cache)
    assert (result.returncode, result.stdout) == (0, "")
    (line,) = result.stderr.splitlines()
    assert line.startswith("photos: 8 of 24 images left out: photos/a/00.png (")
    assert line.endswith(" and 3 more")
    with (only_run() / "left-out.csv").open(newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["file", "fault"] and len(rows) == 9
    assert [row[0] for row in rows[1:3]] == ["photos/a/00.png", "photos/a/06.png"]
