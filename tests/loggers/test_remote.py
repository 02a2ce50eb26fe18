"""The process of a logger: its errors, its end and its death."""

from __future__ import annotations

from pathlib import Path

import pytest
from logged_runs import epochs, run_in

from dlrun.loggers.remote import Remote
from dlrun.loggers.sink import SinkError


def test_an_unknown_logger_is_an_error_of_its_process(tmp_path: Path) -> None:
    sink = Remote("dlrun.loggers.base", "none", {})
    with pytest.raises(SinkError, match="KeyError: 'none'"):
        sink.open(run_in(tmp_path))
    sink.kill()
    sink.kill()


def test_a_sink_that_was_killed_starts_no_process(tmp_path: Path) -> None:
    sink = Remote("dlrun.loggers.base", "none", {})
    sink.kill()
    with pytest.raises(SinkError, match="stopped before its process was started"):
        sink.open(run_in(tmp_path))
    with pytest.raises(SinkError, match="stopped"):
        sink.take(epochs(1, 1))
