"""TensorBoard's files, written by tensorboardX and read with its messages."""

from __future__ import annotations

import os
import signal
import struct
from pathlib import Path
from typing import Any

import pytest
from logged_runs import END, LONG, RESULT, epochs, logged, run_in
from waiting import wait_for

from dlrun.loggers.loggers import Loggers
from dlrun.loggers.messages import Restart
from dlrun.loggers.remote import Remote
from dlrun.loggers.tensorboard import TensorBoard


def events(folder: Path) -> list[Any]:
    """The events of all files of a folder, in the order of the files."""
    from tensorboardX.proto.event_pb2 import Event

    found = []
    for file in sorted(folder.iterdir(), key=lambda each: each.stat().st_mtime_ns):
        content = file.read_bytes()
        while content:
            (size,) = struct.unpack("<Q", content[:8])
            found.append(Event.FromString(content[12 : 12 + size]))
            content = content[16 + size :]
    return found


def scalars(folder: Path, tag: str) -> dict[int, float]:
    return {
        event.step: value.simple_value
        for event in events(folder)
        for value in event.summary.value
        if value.tag == tag
    }


def test_a_run_and_its_resumption(tmp_path: Path) -> None:
    run = run_in(tmp_path, resolved=True)
    logger = TensorBoard(tags={"team": "blue"}, artifacts=True)
    assert logged(logger, run, epochs(1, 2)) == []
    assert logged(logger, run, [*epochs(1, 3), END]) == []
    folder = tmp_path / "tensorboard"
    assert len(list(folder.iterdir())) == 2
    assert scalars(folder, "train/loss") == {1: 1.0, 2: 0.5, 3: pytest.approx(1 / 3)}
    assert scalars(folder, "final/test/loss") == {3: 0.25}
    texts = {
        value.tag: value.tensor.string_val[0].decode()
        for event in events(folder)
        for value in event.summary.value
        if value.tensor.string_val
    }
    assert texts["tags/team/text_summary"] == "blue"
    assert texts["reason/text_summary"] == RESULT.reason
    assert texts["resolved.yaml/text_summary"] == "```\nname: small\n\n```"
    tags = [value.tag for event in events(folder) for value in event.summary.value]
    assert tags.count("_hparams_/session_start_info") == 1
    assert tags.count("_hparams_/session_end_info") == 1


def test_void_epochs_are_dropped_by_readers(tmp_path: Path) -> None:
    from tensorboardX.proto.event_pb2 import SessionLog

    run = run_in(tmp_path)
    assert logged(TensorBoard(), run, [*epochs(1, 3), Restart(1), *epochs(2, 3)]) == []
    starts = [
        event.step
        for event in events(tmp_path / "tensorboard")
        if event.session_log.status == SessionLog.START
    ]
    assert starts == [2]


def test_one_folder_of_all_runs_has_subfolders(tmp_path: Path) -> None:
    run = run_in(tmp_path / "study" / "trials" / "0001", group=tmp_path / "study")
    logger = TensorBoard(folder="board").anchored(tmp_path)
    assert logged(logger, run, epochs(1, 1)) == []
    assert scalars(tmp_path / "board" / "small" / "study" / "trials-0001", "train/loss") == {1: 1.0}


def test_a_link_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "tensorboard").symlink_to(tmp_path / "elsewhere")
    (warning,) = logged(TensorBoard(), run_in(tmp_path / "run"), epochs(1, 1))
    assert warning.startswith("log: tensorboard is switched off for this run: MachineError: ")
    assert not list((tmp_path / "elsewhere").iterdir())


@pytest.mark.parametrize("sent", [signal.SIGSTOP, signal.SIGKILL])
def test_a_process_that_stops_or_dies_is_one_warning(tmp_path: Path, sent: signal.Signals) -> None:
    loggers = Loggers([TensorBoard()], run_in(tmp_path), tmp_path / "loggers.json")
    loggers.put(epochs(1, 1)[0])
    wait_for(lambda: '"epoch": 1' in _text(tmp_path / "loggers.json"))
    (delivery,) = loggers._deliveries
    sink = delivery._sink
    assert isinstance(sink, Remote) and sink._process is not None
    process = sink._process
    os.kill(process.pid, sent)
    loggers.put(epochs(2, 2)[0])
    loggers.close(0.2 if sent == signal.SIGSTOP else LONG)
    (warning,) = loggers.warnings()
    expected = "everything in time" if sent == signal.SIGSTOP else "its process ended unexpectedly"
    assert expected in warning
    assert wait_for(lambda: process.poll() is not None)


def _text(path: Path) -> str:
    return path.read_text() if path.exists() else ""
