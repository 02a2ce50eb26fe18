"""The command line as a process."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from processes import heeding
from warm import WarmProcess, environment

Result = subprocess.CompletedProcess[str]


@pytest.fixture
def dlrun(tmp_path: Path, warm: WarmProcess) -> Callable[..., Result]:
    """Runs a command in ``tmp_path`` to its end."""

    def run(*arguments: str | Path, **variables: str) -> Result:
        return warm.run(list(map(str, arguments)), tmp_path, **variables)

    return run


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts a command in ``tmp_path``; what still runs when the test ends is killed."""
    processes = []

    def start(*arguments: str | Path, **variables: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "dlrun", *map(str, arguments)],
            cwd=tmp_path,
            env=environment(**variables),
            preexec_fn=heeding,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.kill()
        process.communicate()


@pytest.fixture
def only_run(tmp_path: Path) -> Callable[[], Path]:
    """The one run directory there is."""

    def find() -> Path:
        (found,) = (tmp_path / "runs").glob("*/*")
        return found

    return find


class Screen:
    """A terminal of 80 by 24 letters, and the process in it."""

    def __init__(self, arguments: list[str], folder: Path, variables: dict[str, str]) -> None:
        self._terminal, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.process = subprocess.Popen(
            [sys.executable, "-m", "dlrun", *arguments],
            cwd=folder,
            env=environment(**variables),
            preexec_fn=heeding,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        self._bytes = b""

    @property
    def text(self) -> str:
        """All that has come; a letter of which the rest is still to come is a question mark."""
        return self._bytes.decode(errors="replace")

    def read(self, until: str = "") -> str:
        """Everything so far, once ``until`` has come; to the end of the process where it is ""."""
        while not until or until not in self.text:
            try:
                piece = os.read(self._terminal, 65536)
            except OSError:  # Linux says so when the last writer has gone
                piece = b""
            if not piece:
                assert not until, f"it ended without {until!r}:\n{self.text}"
                break
            self._bytes += piece
        return self.text

    def hang_up(self) -> None:
        """Close the terminal, as a lost connection does."""
        os.close(self._terminal)

    def end(self) -> None:
        """Leave nothing behind."""
        self.process.kill()
        self.process.wait()
        with suppress(OSError):
            os.close(self._terminal)


@pytest.fixture
def screen(tmp_path: Path) -> Iterator[Callable[..., Screen]]:
    """Starts a command in ``tmp_path``, on a terminal."""
    screens = []

    def start(*arguments: str | Path, **variables: str) -> Screen:
        screens.append(Screen([str(each) for each in arguments], tmp_path, variables))
        return screens[-1]

    yield start
    for each in screens:
        each.end()
