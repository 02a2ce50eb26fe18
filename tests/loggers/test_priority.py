"""The processes of loggers have the lowest priority, and no terminal to ask on."""

from __future__ import annotations

import os
import pty
import sys
from pathlib import Path

import pytest
from logged_runs import run_in

from dlrun.loggers.priority import delayed
from dlrun.loggers.remote import Remote

_MODULE = """
import os
from dlrun.loggers.base import Logger, logger
from dlrun.loggers.sink import Sink

@logger("told")
class Told(Logger):
    def sink(self):
        return ToldSink()

class ToldSink(Sink):
    def open(self, run):
        return f"{os.nice(0)} {os.getsid(0)}"
    def epochs(self, epochs): ...
    def restart(self, epoch): ...
    def end(self, end): ...
    def close(self): ...
"""


def test_a_process_gives_way_within_the_session_of_the_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # In a session of its own, Linux would give it as much as the training, whatever its niceness.
    (tmp_path / "told_logger.py").write_text(_MODULE)
    found = os.environ.get("PYTHONPATH")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), *([found] if found else [])]))
    sink = Remote("told_logger", "told", {})
    assert sink.open(run_in(tmp_path / "run")) == f"19 {os.getsid(0)}"
    sink.kill()


def test_the_time_without_a_processor_is_that_of_the_system() -> None:
    first = delayed(os.getpid())
    assert 0 <= first <= delayed(os.getpid())
    assert delayed(2**30) == 0.0  # no such process


_ASK = """
from dlrun.loggers.priority import give_way
open("/dev/tty").close()
give_way()
try:
    open("/dev/tty")
except OSError:
    print("no terminal to ask")
"""


def test_no_library_can_ask_on_the_terminal(tmp_path: Path) -> None:
    program = tmp_path / "ask.py"
    program.write_text(_ASK)
    child, terminal = pty.fork()
    if child == 0:
        # The process asks as a child of the session's leader, as a logger's process does.
        os.execv("/bin/sh", ["/bin/sh", "-c", f"'{sys.executable}' '{program}'; exit"])
    shown = b""
    while b"\n" not in shown:
        shown += os.read(terminal, 1000)
    os.close(terminal)
    os.waitpid(child, 0)
    assert shown.strip() == b"no terminal to ask"
