"""The process of a logger: it serves the requests of ``dlrun.loggers.remote``."""

from __future__ import annotations

import importlib
import json
import os
import queue
import threading
import time
from typing import Any, TextIO

from dlrun.loggers.base import Logger
from dlrun.loggers.messages import Run
from dlrun.loggers.problem import described
from dlrun.loggers.sink import Sink
from dlrun.loggers.wire import from_json

_PATIENCE = 30.0
"""Seconds that the library may take to end after the training's process has ended."""


def main() -> None:
    """Serve the requests on standard input until the last one, or until the input ends.

    The library's own output is discarded, and it gets an empty input.
    """
    requests, replies = os.fdopen(os.dup(0), encoding="utf-8"), os.fdopen(os.dup(1), "w")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(requests, lines), daemon=True).start()
    try:
        _serve(lines, replies)
    finally:
        os._exit(0)  # without the exit handlers of the library, which may wait for a server


def _read(requests: TextIO, lines: queue.SimpleQueue[str]) -> None:
    """Pass on the requests; after the last one, end the process in a while."""
    for line in requests:
        lines.put(line)
    lines.put("")
    time.sleep(_PATIENCE)
    os._exit(1)


def _serve(lines: queue.SimpleQueue[str], replies: TextIO) -> None:
    sink: Sink | None = None
    while line := lines.get():
        request = json.loads(line)
        try:
            reply: dict[str, Any] = {}
            if "run" in request:
                sink = _sink(request)
                reply = {"id": sink.open(Run(**request["run"]))}
            elif sink is not None and "messages" in request:
                sink.take([from_json(each) for each in request["messages"]])
            elif sink is not None:
                sink.close()
        except BaseException as error:  # SystemExit too
            reply = {"error": described(error)}
        replies.write(json.dumps(reply) + "\n")
        replies.flush()
        if "close" in request or "error" in reply:
            return
    if sink is not None:  # the training's process was killed
        sink.close()


def _sink(request: dict[str, Any]) -> Sink:
    importlib.import_module(request["module"])
    assert Logger.family is not None
    cls = Logger.family[request["kind"]]
    return cls.model_validate_json(json.dumps(request["fields"])).sink()
