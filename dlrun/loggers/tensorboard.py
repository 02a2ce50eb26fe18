"""TensorBoard's event files."""

from __future__ import annotations

import secrets
import struct
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Self

from dlrun.files import read_bytes
from dlrun.loggers.base import Logger, logger
from dlrun.loggers.messages import End, Epoch, Run
from dlrun.loggers.sink import Sink
from dlrun.run_directory.access import make_folder

_PNG = b"\x89PNG\r\n\x1a\n"


@logger("tensorboard")
class TensorBoard(Logger):
    """Event files for TensorBoard, written by tensorboardX: pip install 'dlrun[tensorboard]'.

    To view all runs, call ``tensorboard --logdir runs``.
    """

    package: ClassVar = "tensorboardX"
    extra: ClassVar = "tensorboard"

    folder: str | None = None
    """Folder of all runs, with a subfolder for each; null: ``tensorboard`` in the run directory."""

    @property
    def place(self) -> str:
        """The folder."""
        return self.folder or "tensorboard"

    def sink(self) -> Sink:
        """Event files of a run."""
        return _EventFiles(self)

    def anchored(self, folder: Path) -> Self:
        """The same logger with an absolute folder."""
        if self.folder is None:
            return self
        return self.model_copy(update={"folder": str((folder / self.folder).absolute())})


class _EventFiles(Sink):
    def __init__(self, logger: TensorBoard) -> None:
        self._logger = logger
        self._writer: Any = None
        self._step = 0

    def open(self, run: Run) -> str:
        # If torch is installed, tensorboardX imports it, for networks that nobody draws here: more
        # than a second of processor time.
        sys.modules.setdefault("torch", None)  # type: ignore[arg-type]
        from tensorboardX.event_file_writer import EventsWriter
        from tensorboardX.summary import hparams, text

        folder = self._folder(run)
        # A resumed run has another file in the same folder.
        self._writer = EventsWriter(str(folder / "events"), f".{secrets.token_hex(4)}")
        if run.id is None:
            # Without the summary of the experiment, TensorBoard finds the metrics itself.
            _, started, _ = hparams(dict(run.parameters), {})
            self._write(started)
            for name, value in self._logger.tags.items():
                self._write(text(f"tags/{name}", value))
        self._writer.flush()
        return str(folder)

    def epochs(self, epochs: Sequence[Epoch]) -> None:
        for epoch in epochs:
            self._step = epoch.number
            self._scalars(epoch.values)
        self._writer.flush()

    def restart(self, epoch: int) -> None:
        from tensorboardX.proto.event_pb2 import Event, SessionLog

        self._step = epoch
        start = SessionLog(status=SessionLog.START)  # readers drop later steps of earlier events
        self._writer.write_event(Event(wall_time=time.time(), step=epoch + 1, session_log=start))
        self._writer.flush()

    def end(self, end: End) -> None:
        from tensorboardX.summary import hparams, text

        self._step = end.epochs
        self._scalars(end.scores)
        for name, value in end.notes.items():
            self._write(text(name, value))
        if self._logger.artifacts:
            for file in map(Path, end.files):
                content = read_bytes(file, follow=False)
                if content.startswith(_PNG):
                    self._write(_picture(f"plots/{file.stem}", content))
                else:
                    self._write(text(file.name, f"```\n{content.decode()}\n```"))
        *_, ended = hparams({}, {})
        self._write(ended)
        self._writer.flush()

    def close(self) -> None:
        self._writer.close()

    def _folder(self, run: Run) -> Path:
        if self._logger.folder is None:
            folder = Path(run.directory) / "tensorboard"
            make_folder(folder)
            return folder
        group = (run.group,) if run.group is not None else ()
        folder = Path(self._logger.folder, run.name, *group, run.label)
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _scalars(self, values: Mapping[str, float]) -> None:
        from tensorboardX.proto.summary_pb2 import Summary

        found = [Summary.Value(tag=name, simple_value=each) for name, each in values.items()]
        self._write(Summary(value=found))

    def _write(self, summary: Any) -> None:
        from tensorboardX.proto.event_pb2 import Event

        self._writer.write_event(Event(wall_time=time.time(), step=self._step, summary=summary))


def _picture(tag: str, content: bytes) -> Any:
    """The summary of a PNG file."""
    from tensorboardX.proto.summary_pb2 import Summary

    width, height = struct.unpack(">II", content[16:24])
    image = Summary.Image(height=height, width=width, colorspace=4, encoded_image_string=content)
    return Summary(value=[Summary.Value(tag=tag, image=image)])
