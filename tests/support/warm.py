"""Commands as processes that need not import anything: most of a short command's time is that.

One process per test process has imported all of dlrun and waits (``warm_process.py``).  For each
command it forks a child, which has its own working directory, files, signals and exit code as any
process has.  What is different: modules are imported already, so the environment that libraries
read when they are imported is that of the tests.  A command with other variables than those that
are read later is therefore started in the usual way, and so is everything on a terminal, with a
signal to come, or that is about imports.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from processes import heeding

_READ_LATER = {"DLRUN_KERNELS", "DLRUN_PICTURES", "DLRUN_THREADS", "XDG_CONFIG_HOME"}
"""Variables that dlrun reads after all imports."""
_COLOURS = ("NO_COLOR", "FORCE_COLOR", "COLORTERM", "TTY_COMPATIBLE", "TTY_INTERACTIVE")
_OF_PYTEST = "PYTEST_CURRENT_TEST"
_PROGRAM = Path(__file__).with_name("warm_process.py")
_LIMIT = 250.0
"""Seconds that a command may take."""


def environment(**variables: str) -> dict[str, str]:
    """This process's environment, without what changes how output looks, and with these."""
    kept = {key: value for key, value in os.environ.items() if key not in (*_COLOURS, _OF_PYTEST)}
    return {**kept, "TERM": "xterm-256color", **variables}


class WarmProcess:
    """Runs commands; the process that forks is started when the first one comes."""

    def __init__(self) -> None:
        self._environment = environment()
        self._folder = tempfile.TemporaryDirectory(prefix="warm")
        self._address = str(Path(self._folder.name) / "socket")
        self._process: subprocess.Popen[str] | None = None

    def run(
        self, arguments: Sequence[str], directory: Path, **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """Run ``dlrun`` with these arguments to its end.

        Raises:
            subprocess.TimeoutExpired: it took longer than four minutes; it was killed.
        """
        wanted = environment(**variables)
        changed = {
            name: wanted.get(name)
            for name in wanted.keys() | self._environment.keys()
            if wanted.get(name) != self._environment.get(name)
        }
        if not changed.keys() <= _READ_LATER:
            return _run_cold(arguments, directory, wanted)
        self._start()
        with (
            tempfile.TemporaryFile() as out,
            tempfile.TemporaryFile() as err,
            Path(os.devnull).open("rb") as nothing,
            socket.socket(socket.AF_UNIX) as connection,
        ):
            connection.settimeout(_LIMIT)
            connection.connect(self._address)
            request = {
                "arguments": list(arguments),
                "directory": str(directory),
                "variables": changed,
            }
            files = [nothing.fileno(), out.fileno(), err.fileno()]
            socket.send_fds(connection, [json.dumps(request).encode()], files)
            with connection.makefile() as answers:
                command = int(answers.readline())
                try:
                    status = int(answers.readline())
                except TimeoutError:
                    os.kill(command, signal.SIGKILL)
                    raise subprocess.TimeoutExpired(list(arguments), _LIMIT) from None
            texts = []
            for file in (out, err):
                file.seek(0)
                texts.append(file.read().decode())
        return subprocess.CompletedProcess(["dlrun", *arguments], status, *texts)

    def _start(self) -> None:
        if self._process is not None:
            return
        self._process = subprocess.Popen(
            [sys.executable, "-P", _PROGRAM, self._address],
            env=self._environment,
            preexec_fn=heeding,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "ready\n"

    def end(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.communicate("")
        self._folder.cleanup()


def _run_cold(
    arguments: Sequence[str], directory: Path, variables: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "dlrun", *arguments],
        cwd=directory,
        env=variables,
        preexec_fn=heeding,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_LIMIT,
        check=False,
    )
