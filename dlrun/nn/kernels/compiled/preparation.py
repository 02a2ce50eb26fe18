"""Compiling what a computation needs in several processes, before it starts.

Numba compiles one function at a time in a process, so other processors get a process each.  These
compile into the cache folder, from which this process loads.  One that is killed or fails only
costs time: what it has not stored is compiled here.
"""

from __future__ import annotations

import gc
import json
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from dlrun import variables
from dlrun.nn.kernels import machine_code
from dlrun.nn.kernels.rehearsal import Need
from dlrun.processors import processors

_PROGRAM = """
import sys
if sys.argv[1] not in sys.path:
    sys.path.append(sys.argv[1])
from dlrun.nn.kernels.compiled.compiler_process import main
main()
"""
"""The program of a process; its argument is the folder that contains dlrun.  With ``-P`` instead of
``-m``, no file of the working directory, which may be a stranger's, is imported as a module."""
_HOME = Path(__file__).absolute().parents[4]

_WORTH_A_PROCESS = 5
"""Kernels to compile for each further process, which takes half a second to start."""

_MOST_PROCESSES = 8
"""Each needs about 150 MB."""

_PATIENCE = 120.0
"""Seconds that a process may take for one kernel before it is killed."""


def prepare(needs: Iterable[Need]) -> None:
    """Compile what is not stored yet, largest first, in at most as many processes as threads.

    If everything is stored, nothing is loaded and no process starts.
    """
    waiting = deque(sorted(missing(needs), key=lambda each: -each.size))
    helpers = min(variables.threads(), processors(), _MOST_PROCESSES) - 1
    helpers = min(helpers, len(waiting) // _WORTH_A_PROCESS)
    if helpers and machine_code.obstacle() is None:
        with _started(helpers, waiting) as threads, _uncollected():
            _fulfil(waiting)
            for each in threads:
                each.join()
    with _uncollected():
        _fulfil(waiting)  # all of them without helpers; otherwise what a helper has not finished


def missing(needs: Iterable[Need]) -> list[Need]:
    """Those that no file contains."""
    return [each for each in needs if not each.stored()]


def _fulfil(waiting: deque[Need]) -> None:
    with suppress(IndexError):
        while True:
            waiting.popleft().fulfil()


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without garbage collection, a sixth of the time of compiling: it makes many objects."""
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if before:
            gc.enable()


@contextmanager
def _started(count: int, waiting: deque[Need]) -> Iterator[list[threading.Thread]]:
    """Processes that compile what is waiting, too, with a thread for each; killed at the end."""
    processes: list[subprocess.Popen[bytes]] = []
    threads: list[threading.Thread] = []
    try:
        for _ in range(count):
            with suppress(OSError):  # no memory or process left: this one compiles all
                processes.append(_process())
        for each in processes:
            threads.append(threading.Thread(target=_serve, args=(each, waiting), daemon=True))
            with suppress(RuntimeError):  # the limit of threads
                threads[-1].start()
        yield [each for each in threads if each.ident is not None]
    finally:
        for each in processes:
            each.kill()
        for each in processes:
            each.wait()
            for pipe in (each.stdin, each.stdout):
                assert pipe is not None
                with suppress(OSError):
                    pipe.close()


def _process() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-P", "-c", _PROGRAM, str(_HOME)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )


def _serve(process: subprocess.Popen[bytes], waiting: deque[Need]) -> None:
    """Hand out what is waiting until nothing is, or the process dies; then it waits again."""
    assert process.stdin is not None and process.stdout is not None
    need = None
    try:
        process.stdout.readline()  # it has started; until then this process takes all it can
        while True:
            need = waiting.popleft()
            if need.words is None:
                waiting.append(need)
                return
            process.stdin.write(need.words.encode() + b"\n")
            process.stdin.flush()
            limit = threading.Timer(_PATIENCE, process.kill)
            limit.start()
            try:
                while json.loads(line := process.stdout.readline()) is not None:
                    machine_code.announce(json.loads(line))
            finally:
                limit.cancel()
            need = None
    except (IndexError, OSError, ValueError):  # nothing is waiting, or the process has died
        if need is not None:
            waiting.append(need)
