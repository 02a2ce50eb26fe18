"""The board in headless Chromium."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from chromium import NEEDS_BROWSER, Tab, tab
from run_folders import write_run

from dlrun.run_directory.directory import RunDirectory
from dlrun.run_directory.lock import Lock

pytestmark = pytest.mark.slow

ROWS = "[...document.querySelectorAll('#rows tbody tr')]"
IDS = f"{ROWS}.map((row) => row.cells[2].textContent.slice(0, 8)).join(' ')"


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of a board of the runs in a folder."""
    command = [sys.executable, "-m", "dlrun", "board", "runs", "--port", "0"]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process.stdout.readline().split()[1]
        finally:
            process.kill()


def typed(page: Tab, field: str, text: str) -> None:
    page.run(
        f"(() => {{ const field = document.getElementById('{field}');"
        f" field.value = {json.dumps(text)};"
        " field.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', cancelable: true})); })()"
    )


def ids(page: Tab, *days: int) -> None:
    """Wait until these runs are listed."""
    wanted = " ".join(f"202611{day:02}" for day in days)
    page.wait(f"{IDS} === '{wanted}'")


def row(number: int, loss: float) -> dict[str, float]:
    scores = {"train.loss": loss / 2, "validation.loss": loss, "validation.accuracy": 1 - loss}
    return {"epoch": number, "step": 5 * number, "seconds": 0.1, "lr": 0.01, **scores}


@NEEDS_BROWSER
def test_runs_are_found_compared_and_followed(runs: Path, tmp_path: Path) -> None:
    pytest.importorskip("uvicorn")
    bad = "<img src=http://127.0.0.1:9/x onerror=document.title='evil'>"
    write_run(runs / "moons" / "20261104-120000-aaaaa4", (0.5, 0.05), name=bad, lr=0.5)
    path = write_run(
        runs / "moons" / "20261105-120000-aaaaa5", (0.9,), ending=None, epochs=3, lr=0.01
    )
    run, lock = RunDirectory(path), Lock.acquire(path)
    try:
        with served(tmp_path) as url, tab(tmp_path) as page:
            base = url.partition("?")[0]
            page.open(url)
            page.wait(f"location.href === '{base}' && {ROWS}.length === 5")
            assert page.run("document.cookie") == ""  # HttpOnly

            page.run("[...document.querySelectorAll('th button')][5].click()")
            ids(page, 4, 1, 2, 3, 5)
            assert "sort=best" in page.run("location.search")
            typed(page, "condition", "optimizer.adam.lr>0.05")
            ids(page, 4, 2, 3)
            typed(page, "condition", "optimizer.adam.lx>1")
            page.wait("document.getElementById('problem').textContent.includes('did you mean')")
            ids(page, 4, 2, 3)

            page.run(f"{ROWS}.slice(0, 2).forEach((row) => row.querySelector('input').click())")
            page.run("document.querySelector('.chip').click()")
            ids(page, 4, 1, 2, 3, 5)
            page.run(f"{ROWS}[4].querySelector('input').click()")
            page.wait("document.getElementById('compare').textContent === 'Compare 3'")
            page.run("document.getElementById('compare').click()")
            drawn = "document.querySelectorAll('canvas').length === 2"
            page.wait(f"location.pathname === '/compare' && {drawn}")
            keys = page.run("document.getElementById('keys').innerText")
            assert re.search(r"optimizer\.adam\.lr\s+0\.5\s+0\.1\s+0\.01", keys)

            compared = "dlrun.data['chart-compare-validation.loss'].series[2].y"
            page.wait(f"{compared}.length === 1")
            run.append_metrics(row(2, 0.8))
            page.wait(f"{compared}.join() === '0.9,0.8'")
            page.run("document.querySelectorAll('#runs a')[2].click()")
            curve = "dlrun.data['chart-curve-loss']?.series[1].y"
            page.wait(f"location.pathname.startsWith('/entry/') && {curve}?.length === 2")
            page.wait("document.getElementById('live').textContent.startsWith('running, 2/3')")
            run.append_metrics(row(3, 0.7))
            page.wait(f"{curve}.join() === '0.9,0.8,0.7'")
            result = json.loads(
                (runs / "moons" / "20261101-120000-aaaaa1" / "result.json").read_text()
            )
            run.finish(result | {"epochs": 3, "best_epoch": 3})
            lock.release()
            page.wait("document.querySelector('#run .badge')?.textContent === 'done'")

            assert page.run("document.title") != "evil"
            # The condition that could not be used was an answer with code 400.
            assert [each for each in page.errors if "optimizer.adam.lx" not in each] == []
            inner = (base, "data:", "about:")
            assert [each for each in page.requests if not each.startswith(inner)] == []
            assert [each for each in page.requests if "token" in each] == [url]
    finally:
        lock.release()
