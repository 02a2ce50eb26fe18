"""Trainings that are killed: by themselves at a chosen call, or from outside after some time.

``python torture.py`` imports dlrun once and forks a child for each training, which takes a tenth of
the time of a process that starts from nothing.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from faults import Faults, Kind

KILLED = -signal.SIGKILL


class Torture:
    """Starts the process, and asks it for trainings."""

    def __enter__(self) -> Self:
        root = str(Path(__file__).parents[2])
        self._server = subprocess.Popen(
            [sys.executable, __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={
                **os.environ,
                "DLRUN_KERNELS": "numpy",
                "DLRUN_PICTURES": "no",
                "PYTHONPATH": root,
            },
            text=True,
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.kill()
        self._server.communicate()

    def run(
        self,
        folder: Path,
        *words: str,
        call: tuple[str, int] | None = None,
        delay: float | None = None,
        fault: tuple[Kind, int] | None = None,
    ) -> int:
        """Run a command in a folder, where its output goes to ``out.txt``.

        Args:
            folder: where.
            words: of the command.
            call: ``module:name`` and the number of the call before which it kills itself; of
                ``os:write`` half is written.
            delay: seconds after which it is killed.
            fault: what strikes it, and at which operation that writes; see ``faults``.  How many
                there were is then in ``operations.txt``, if it came to an end.

        Returns:
            The exit code, -9 where it was killed.
        """
        assert self._server.stdin is not None and self._server.stdout is not None
        request = {
            "folder": str(folder),
            "words": words,
            "call": call,
            "delay": delay,
            "fault": fault,
        }
        self._server.stdin.write(json.dumps(request) + "\n")
        self._server.stdin.flush()
        return int(self._server.stdout.readline())


def outcome(run: Path) -> dict[str, Any]:
    """All that a finished run leaves, but for how long it took."""
    result = json.loads((run / "result.json").read_text())
    header, *rows = [line.split(",") for line in (run / "metrics.csv").read_text().splitlines()]
    seconds = header.index("seconds")
    return {
        **{key: value for key, value in result.items() if key != "seconds"},
        "rows": [row[:seconds] + row[seconds + 1 :] for row in (header, *rows)],
        "files": {
            name: hashlib.sha256((run / "checkpoints" / name).read_bytes()).hexdigest()
            for name in ("last.safetensors", "best.safetensors")
        },
        "left": sorted(each.name for each in run.rglob("*") if each.name.endswith(".tmp")),
        "locked": (run / "lock").exists(),
    }


def serve() -> None:
    """Answer requests with exit codes, a line each."""
    import numpy.random  # noqa: F401
    from inline import InlineExecutor

    from dlrun.cli.app import run
    from dlrun.launch.start import start
    from dlrun.study import study

    assert start
    study.LocalExecutor = InlineExecutor  # type: ignore
    for line in sys.stdin:
        request = json.loads(line)
        child = os.fork()
        if not child:
            os.chdir(request["folder"])
            out = os.open("out.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
            os.dup2(out, 1)
            os.dup2(out, 2)
            if request["call"] is not None:
                _kill_at(*request["call"])
            faults = None if request["fault"] is None else Faults(*request["fault"])
            if faults is not None:
                faults.install()
            try:
                code = run(request["words"])
            except SystemExit as end:
                code = int(end.code or 0)
            if faults is not None:
                faults.number = 0
                Path("operations.txt").write_text(str(faults.count))
            sys.stdout.flush()
            os._exit(code)
        if request["delay"] is not None:
            time.sleep(request["delay"])
            os.kill(child, signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _kill_at(name: str, number: int) -> None:
    module, _, path = name.partition(":")
    owner: Any = importlib.import_module(module)
    *owners, last = path.split(".")
    for each in owners:
        owner = getattr(owner, each)
    original: Callable[..., Any] = getattr(owner, last)
    left = number

    def counted(*arguments: Any, **named: Any) -> Any:
        nonlocal left
        left -= 1
        if not left:
            if original is os.write:
                original(arguments[0], arguments[1][: len(arguments[1]) // 2])
            os.kill(os.getpid(), signal.SIGKILL)
        return original(*arguments, **named)

    original = getattr(owner, last)
    setattr(owner, last, counted)


if __name__ == "__main__":
    serve()
