"""``dlrun board`` as a process, and what keeps it from starting."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
import webbrowser
from pathlib import Path

import pytest
from processes import heeding
from run_folders import write_run

import dlrun
from dlrun.cli.app import run
from dlrun.errors import InputError, MachineError
from dlrun.web.address import Address, bound
from dlrun.web.serve import serve


def test_an_occupied_port_is_one_line(runs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("uvicorn")
    with bound("127.0.0.1", 0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(MachineError, match="in use; choose another --port, or --port 0"):
            bound("127.0.0.1", port)
        assert run(["board", str(runs), "--port", str(port)]) == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize("host", ["no.such.host.invalid", "a" * 70, "192.0.2.1"])
def test_a_host_that_is_not_this_machine_is_one_line(host: str) -> None:
    with pytest.raises(InputError) as found:
        bound(host, 0)
    assert "\n" not in str(found.value)
    assert host in str(found.value)


def test_missing_packages_are_one_line(runs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    with pytest.raises(InputError, match=r"needs the packages .*; .*pip install 'dlrun\[web\]'"):
        serve([runs], "127.0.0.1", 0, lambda place: None)


def test_in_an_event_loop_it_does_not_run(runs: Path) -> None:
    pytest.importorskip("uvicorn")

    async def in_a_notebook() -> None:
        dlrun.board(runs, port=0)

    with pytest.raises(InputError, match="in a terminal"):
        asyncio.run(in_a_notebook())


def test_the_browser_is_opened_if_it_is_asked_for(
    runs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("uvicorn")
    opened: list[str] = []

    def open_page(url: str) -> None:
        opened.append(url)
        signal.raise_signal(signal.SIGTERM)

    monkeypatch.setattr(webbrowser, "open", open_page)
    places: list[str] = []
    keys = {"port": 0, "open_browser": True, "ready": lambda place: places.append(place.url)}
    assert dlrun.board(runs, **keys) == signal.SIGTERM  # type: ignore[arg-type]
    assert opened == places


def test_addresses() -> None:
    assert Address("127.0.0.1", 7070, "abc").url == "http://127.0.0.1:7070/?token=abc"
    assert Address("::1", 7070, None).url == "http://[::1]:7070/"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 0)])
def test_it_serves_until_a_signal(tmp_path: Path, number: signal.Signals, code: int) -> None:
    """Also while a page is open, and without a traceback."""
    pytest.importorskip("uvicorn")
    write_run(tmp_path / "runs" / "moons" / "20261101-120000-aaaaaa")
    environment = {**os.environ, "NO_COLOR": "1"}
    with subprocess.Popen(
        [sys.executable, "-m", "dlrun", "board", "--port", "0"],
        cwd=tmp_path,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=heeding,
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        word, _, url = line.strip().partition("  ")
        assert word == "board"
        base, _, token = url.partition("?token=")
        assert len(token) >= 43
        with pytest.raises(urllib.error.HTTPError, match="401"):
            urllib.request.urlopen(base, timeout=60)
        cookies = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        assert b"dlrun board" in cookies.open(url, timeout=60).read()
        assert b"Runs and studies" in cookies.open(base, timeout=60).read()
        events = cookies.open(f"{base}api/changes", timeout=60)
        assert events.readline() == b"event: listing\n"
        process.send_signal(number)
        _, errors = process.communicate(timeout=60)
    assert process.returncode == code
    assert errors == ""
