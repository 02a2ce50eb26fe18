"""Files that a user names for output: links are followed, pipes and devices are not replaced."""

from __future__ import annotations

import os
import pty
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import dlrun
from dlrun.errors import DataError
from dlrun.run_directory.output import write_output

Spec = Callable[..., Path]


@pytest.fixture
def run(spec: Spec, tmp_path: Path) -> Path:
    return dlrun.train(spec(), {"epochs": 1}, runs=tmp_path / "runs").path


def test_a_link_is_followed(tmp_path: Path) -> None:
    real, link = tmp_path / "real", tmp_path / "link"
    link.symlink_to("real")
    for content in ("new", [b"in ", "parts"]):
        write_output(link, content)
        assert link.is_symlink()
    assert real.read_text() == "in parts"


def test_a_pipe_is_written_in_place(run: Path, tmp_path: Path) -> None:
    os.mkfifo(pipe := tmp_path / "pipe")
    found: list[str] = []

    def read(write: Callable[[], object]) -> None:
        reader = threading.Thread(target=lambda: found.append(pipe.read_text()))
        reader.start()
        write()
        reader.join()
        assert stat.S_ISFIFO(pipe.stat().st_mode)

    read(lambda: write_output(pipe, ("x" * 70_000 for _ in range(3))))
    read(lambda: dlrun.report(run, pipe, samples=0))
    assert found == ["x" * 210_000, dlrun.report(run, samples=0)]


def test_a_device_is_written_in_place() -> None:
    ours, theirs = pty.openpty()
    device = Path(os.ttyname(theirs))
    try:
        write_output(device, "text\n")
        assert os.read(ours, 100) == b"text\r\n"
        assert stat.S_ISCHR(device.stat().st_mode)
    finally:
        os.close(ours)
        os.close(theirs)


def test_pictures_and_archives_need_a_file(run: Path, tmp_path: Path) -> None:
    os.mkfifo(pipe := tmp_path / "pipe.png")
    with pytest.raises(DataError, match=r"pipe\.png: a pipe or a device; name a file"):
        dlrun.compare(run, run.parent / run.name, plot=pipe)
    for force in (False, True):
        with pytest.raises(DataError, match=r"pipe\.png: (exists already|a pipe or a device)"):
            dlrun.archive(run, pipe, force=force)
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    (link := tmp_path / "link.zip").symlink_to("real.zip")
    dlrun.archive(run, link, force=True)
    assert link.is_symlink()
    assert (tmp_path / "real.zip").is_file()


def test_predictions_do_not_replace_what_is_predicted(run: Path, tmp_path: Path) -> None:
    file = tmp_path / "samples.npz"
    np.savez(file, x=np.zeros((3, 2)))
    before = file.read_bytes()
    (link := tmp_path / "link.npz").symlink_to(file)
    for out in (file, link, tmp_path / "runs" / ".." / "samples.npz"):
        with pytest.raises(DataError, match="is the file that is read; write to another one"):
            dlrun.predict(run, file, out=out)
    assert file.read_bytes() == before


def test_output_does_not_replace_the_run_that_it_is_made_from(run: Path, tmp_path: Path) -> None:
    np.savez(file := tmp_path / "samples.npz", x=np.zeros((3, 2)))
    archive = dlrun.archive(run, tmp_path / "run.zip")
    own = [run / "metrics.csv", run / "checkpoints" / "manifest.json"]
    before = [each.read_bytes() for each in (*own, archive)]
    for out in own:
        with pytest.raises(DataError, match="is the file that is read; write to another one"):
            dlrun.report(run, out, samples=0)
        with pytest.raises(DataError, match="is the file that is read; write to another one"):
            dlrun.predict(run, file, out=out)
    with pytest.raises(DataError, match="is the file that is read; write to another one"):
        dlrun.predict(archive, file, out=archive)
    assert [each.read_bytes() for each in (*own, archive)] == before
    for _ in range(2):  # other files may be there, and are replaced
        dlrun.report(run, run / "report.html", samples=0)
