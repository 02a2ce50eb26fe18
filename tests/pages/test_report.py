"""``dlrun.report`` and ``dlrun report``."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from html_page import opened
from page_studies import made

import dlrun
from dlrun.errors import DataError, InputError

Trained = Callable[..., Path]


def test_a_directory_is_what_its_files_are(trained: Trained, tmp_path: Path) -> None:
    run, study = trained(), made(tmp_path)
    out = tmp_path / "out.html"
    text = dlrun.report(run, out, samples=5)
    assert out.read_text() == text
    assert "gradients" in opened(text).sections
    assert "leaderboard" in opened(dlrun.report(study)).sections
    assert "experiment-0" in opened(dlrun.report(run.parent.parent)).sections


def test_what_is_no_directory_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such directory; name a run, a study"):
        dlrun.report(tmp_path / "missing")
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="a file, not a directory"):
        dlrun.report(tmp_path / "file")
    with pytest.raises(DataError, match="has no run and no study"):
        dlrun.report(tmp_path)
    with pytest.raises(InputError, match="samples must be 0 or more"):
        dlrun.report(tmp_path, samples=-1)


def test_links_and_pipes_in_a_run_are_not_read(own: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("epoch,validation.loss\n1,0.5\n")
    (own / "metrics.csv").unlink()
    (own / "metrics.csv").symlink_to(secret)
    with pytest.raises(DataError, match=r"metrics\.csv: is a symbolic link"):
        dlrun.report(own)


def test_the_command_needs_no_numba_and_no_matplotlib(trained: Trained, tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    program = (
        "import sys\n"
        "from dlrun.cli.app import run\n"
        f"code = run(['report', {str(trained())!r}, '-o', {str(out)!r}])\n"
        "print(code, sorted({'numba', 'matplotlib', 'sklearn', 'scipy'} & sys.modules.keys()))\n"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [f"report  {out}", "0 []"]
    assert "quality" in opened(out.read_text()).sections
