"""Trackio, which stores runs on this machine or in a Hugging Face Space."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar

from dlrun.loggers.base import Logger, logger
from dlrun.loggers.messages import End, Epoch, Run
from dlrun.loggers.sink import Sink, SinkError


@logger("trackio")
class Trackio(Logger):
    """A run in Trackio: pip install 'dlrun[trackio]'.

    Trackio stores it in ``TRACKIO_DIR``, or sends it to ``TRACKIO_SERVER_URL`` or
    ``TRACKIO_SPACE_ID``.  Runs of a study or a cross-validation are in one group.  To view them,
    call ``trackio show``.
    """

    package: ClassVar = "trackio"
    extra: ClassVar = "trackio"

    project: str | None = None
    """Name of the project; null: the name of the spec."""

    @property
    def place(self) -> str:
        """The project."""
        return self.project or "the name of the spec"

    def sink(self) -> Sink:
        """A run in Trackio."""
        return _TrackioRun(self)


class _TrackioRun(Sink):
    def __init__(self, logger: Trackio) -> None:
        self._logger = logger
        self._run: Any = None
        self._problems: list[str] = []

    def open(self, run: Run) -> str:
        import trackio

        # Trackio turns its errors into warnings.
        warnings.simplefilter("always")
        warnings.showwarning = self._note
        name = run.id or (run.unique if run.group is not None else run.label)
        tags = {f"tags.{key}": value for key, value in self._logger.tags.items()}
        self._run = self._checked(
            lambda: trackio.init(
                project=self._logger.project or run.name,
                name=name,
                group=run.group,
                config={**run.parameters, **tags},
                resume="allow",
                embed=False,
                auto_log_cpu=False,
                auto_log_gpu=False,
            )
        )
        return name

    def epochs(self, epochs: Sequence[Epoch]) -> None:
        for epoch in epochs:
            self._log(dict(epoch.values), epoch.number)

    def restart(self, epoch: int) -> None:
        # Trackio cannot remove values: those of a step that is trained again are added.
        self._log({"restarted_after_epoch": epoch}, epoch)

    def end(self, end: End) -> None:
        self._log({**end.scores, **end.notes}, end.epochs)
        if self._logger.artifacts:
            self._store([Path(file) for file in end.files])

    def close(self) -> None:
        self._checked(self._run.finish)

    def _log(self, values: dict[str, Any], step: int) -> None:
        self._checked(lambda: self._run.log(values, step=step))

    def _store(self, files: Sequence[Path]) -> None:
        import trackio

        artifact = trackio.Artifact(f"{self._run.name}-files", type="run")
        for file in files:
            artifact.add_file(str(file))
        self._checked(lambda: trackio.log_artifact(artifact))

    def _checked(self, call: Callable[[], Any]) -> Any:
        value = call()
        if self._problems:
            raise SinkError(self._problems[0])
        return value

    def _note(self, message: Warning | str, category: type[Warning], *_: Any, **__: Any) -> None:
        if category is UserWarning and "rackio" in str(message):
            self._problems.append(str(message))
