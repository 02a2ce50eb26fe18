"""The events of a training as messages to the loggers of its spec."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from pathlib import Path

from dlrun.errors import DataError
from dlrun.experiment.compile import Compiled
from dlrun.loggers.loggers import Loggers
from dlrun.loggers.messages import End, Epoch, Restart, Run
from dlrun.loggers.parameters import parameters
from dlrun.run_directory.directory import RunDirectory
from dlrun.spec.resolved import dump
from dlrun.training.events import EpochEnded, Event, Restarted, RunEnded, RunStarted

_BRIEFLY = 2.0
"""Seconds to wait for the loggers of a training that an error has ended."""


class Log:
    """Passes the events of a training on to the loggers of its spec.

    Nothing here blocks the training, and no error of a logger is raised.

    Args:
        compiled: the experiment.
        folder: where relative paths in its spec start.
        directory: of the run.
        group: the directory of the study or cross-validation that the run belongs to.
        changed: whether it is resumed with another spec, data or version.
    """

    def __init__(
        self,
        compiled: Compiled,
        folder: Path,
        directory: RunDirectory,
        *,
        group: Path | None = None,
        changed: bool = False,
    ) -> None:
        self._compiled, self._folder, self._directory = compiled, folder, directory
        self._group, self._changed = group, changed
        self._loggers: Loggers | None = None

    def __call__(self, event: Event) -> None:
        """Log an event, except the end of the run."""
        if isinstance(event, RunStarted):
            self._begin(event)
        elif self._loggers is None:
            return
        elif isinstance(event, EpochEnded):
            values = {key: value for key, value in event.row.items() if key != "epoch"}
            best = {"best": event.best, "best_epoch": event.best_epoch} if event.best_epoch else {}
            self._loggers.put(Epoch(event.epoch, _named({**values, **best})))
        elif isinstance(event, Restarted):
            self._loggers.put(Restart(event.epoch))

    def finish(self, ended: RunEnded, tell: Callable[[str], None] | None = None) -> None:
        """Log how the run ended, once its files are written, and wait a limited time.

        Args:
            ended: how.
            tell: called with a line for the user if the wait is longer than a moment.
        """
        if self._loggers is None:
            return
        self._loggers.put(
            End(
                status=ended.status,
                ended_by=ended.ended_by.kind,
                reason=ended.reason,
                epochs=ended.epochs,
                best_epoch=ended.best_epoch,
                metrics=_named(ended.metrics),
                seconds=ended.seconds,
                files=self._files(),
            )
        )
        self._loggers.close(tell=tell)

    def close(self, *, briefly: bool) -> None:
        """Deliver what waits, if that has not been done; briefly after an error."""
        if self._loggers is not None:
            self._loggers.close(_BRIEFLY if briefly else None)

    def warnings(self) -> list[str]:
        """New warnings, at most one per logger; they are added to log.txt."""
        if self._loggers is None:
            return []
        lines = self._loggers.warnings()
        for line in lines:
            try:
                self._directory.log(line)
            except DataError:  # a full disk, which the logger may have noticed first
                break
        return lines

    def _begin(self, event: RunStarted) -> None:
        experiment = self._compiled.experiment
        if not experiment.log:
            return
        spec = {key: value for key, value in dump(experiment).items() if key != "log"}
        path = self._directory.path.absolute()
        group = None if self._group is None else self._group.absolute()
        label = path.name if group is None else str(path.relative_to(group)).replace("/", "-")
        run = Run(
            name=experiment.name,
            label=label,
            unique="-".join(
                [*([] if group is None else [group.name]), label, secrets.token_hex(3)]
            ),
            directory=str(path),
            working=str(Path.cwd()),
            parameters=parameters(spec),
            group=None if group is None else group.name,
            group_directory=None if group is None else str(group),
        )
        loggers = [each.anchored(self._folder) for each in experiment.log]
        self._loggers = Loggers(loggers, run, self._directory.loggers_file)
        if self._changed:
            self._loggers.put(Restart(event.epoch))

    def _files(self) -> list[str]:
        plots = self._directory.plots
        found = [self._directory.resolved_file, *sorted(plots.glob("*.png"))]
        return [str(path.absolute()) for path in found if path.is_file() and not path.is_symlink()]


def _named(values: Mapping[str, float]) -> dict[str, float]:
    """Values by names such as ``train/loss``: the other programs group them by the first part."""
    return {key.replace(".", "/", 1): float(value) for key, value in values.items()}
