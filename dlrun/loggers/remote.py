"""A sink in a separate process, which can be killed."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from typing import Any

from dlrun.child_command import child_command
from dlrun.loggers import priority
from dlrun.loggers.messages import End, Epoch, Message, Run
from dlrun.loggers.sink import Sink, SinkError
from dlrun.loggers.wire import as_json

_DEFAULTS = {
    "DO_NOT_TRACK": "true",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "2",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "10",
    "WANDB_ERROR_REPORTING": "false",
}
"""Variables of the libraries that users can set otherwise: no reports on their use, and servers
that do not answer are given up."""


class Remote(Sink):
    """The sink of a logger in a process that is started when it is opened.

    Requests and replies are lines of JSON, one reply for each request.

    Args:
        module: the module of the logger's class.
        kind: the logger's name.
        fields: of the logger, as plain data.
    """

    def __init__(self, module: str, kind: str, fields: Mapping[str, Any]) -> None:
        self._hello = {"module": module, "kind": kind, "fields": fields}
        self._lock = threading.Lock()
        self._killed = False
        self._process: subprocess.Popen[str] | None = None

    def open(self, run: Run) -> str:
        """Start the process, and the run in it."""
        with self._lock:
            if self._killed:
                raise SinkError("stopped before its process was started")
            # The priority is lowered before the imports that take processor time.
            self._process = subprocess.Popen(
                child_command("dlrun.loggers.priority:give_way", "dlrun.loggers.child:main"),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd="/",  # a stranger's settings may be in the working directory
                env={**_DEFAULTS, **os.environ},
                process_group=0,  # Ctrl-C is for the training
                text=True,
                encoding="utf-8",
            )
        return str(self._request({**self._hello, "run": asdict(run)})["id"])

    def take(self, messages: Sequence[Message]) -> None:
        """Log messages with one request."""
        self._request({"messages": [as_json(each) for each in messages]})

    def epochs(self, epochs: Sequence[Epoch]) -> None:
        """See ``take``."""
        self.take(epochs)

    def restart(self, epoch: int) -> None:
        """The process gets this with ``take``."""
        raise NotImplementedError

    def end(self, end: End) -> None:
        """See ``take``."""
        self.take([end])

    def close(self) -> None:
        """End the run in the process, and the process."""
        self._request({"close": True})

    def delayed(self) -> float:
        """See ``Sink.delayed``."""
        process = self._process
        return 0.0 if process is None else priority.delayed(process.pid)

    def kill(self) -> None:
        """Kill the process and those that the library has started."""
        with self._lock:
            self._killed = True
            process, self._process = self._process, None
        if process is None:
            return
        with suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        for stream in (process.stdin, process.stdout):
            assert stream is not None
            with suppress(OSError, ValueError):  # what is still to be written is lost
                stream.close()

    def _request(self, request: dict[str, Any]) -> dict[str, Any]:
        process = self._process
        if process is None:
            raise SinkError("stopped")
        assert process.stdin is not None and process.stdout is not None
        try:
            process.stdin.write(json.dumps(request) + "\n")
            process.stdin.flush()
            line = process.stdout.readline()
        except (OSError, ValueError):  # it was killed
            line = ""
        if not line:
            raise SinkError("its process ended unexpectedly")
        reply = json.loads(line)
        if "error" in reply:
            raise SinkError(str(reply["error"]))
        assert isinstance(reply, dict)
        return reply
