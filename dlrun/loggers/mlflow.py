"""MLflow tracking, by mlflow-skinny."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, ClassVar, Self

from dlrun.loggers.address import SQLITE, absolute, alone, error_of, folder_of
from dlrun.loggers.base import Logger, logger
from dlrun.loggers.messages import End, Epoch, Run
from dlrun.loggers.sink import Sink

_STATUS = {"completed": "FINISHED", "stopped": "KILLED", "diverged": "FAILED"}
_LONGEST_NAME, _LONGEST_VALUE = 250, 6000
_PARAMETERS, _METRICS = 100, 1000
"""The maximum numbers in a request."""


@logger("mlflow")
class Mlflow(Logger):
    """A run in MLflow: pip install 'dlrun[mlflow]'.

    Runs of a study or a cross-validation are nested in one run.  User names and passwords of a
    server are read from ``MLFLOW_TRACKING_USERNAME`` and ``MLFLOW_TRACKING_PASSWORD``, or
    ``MLFLOW_TRACKING_TOKEN``; they are not allowed in the spec.
    """

    package: ClassVar = "mlflow"
    extra: ClassVar = "mlflow"

    uri: str | None = None
    """Tracking server or database, such as ``http://localhost:5000`` or ``sqlite:///mlflow.db``,
    relative to the spec's folder; null: ``MLFLOW_TRACKING_URI``, otherwise ``mlflow.db`` in the
    working directory."""
    experiment: str | None = None
    """Name of the experiment in MLflow; null: the name of the spec."""

    @property
    def place(self) -> str:
        """The address in the spec."""
        return self.uri or "MLFLOW_TRACKING_URI"

    def sink(self) -> Sink:
        """A run in MLflow."""
        return _TrackedRun(self)

    def errors(self) -> Iterator[tuple[str, str, str]]:
        """An address with a password, or of a kind that MLflow cannot use here."""
        if self.uri is not None and (error := error_of(self.uri)) is not None:
            yield "uri", *error

    def anchored(self, folder: Path) -> Self:
        """The same logger with the absolute path of a database."""
        if self.uri is None:
            return self
        return self.model_copy(update={"uri": absolute(self.uri, folder)})


class _TrackedRun(Sink):
    def __init__(self, logger: Mlflow) -> None:
        self._logger = logger
        self._client: Any = None
        self._run = ""

    def open(self, run: Run) -> str:
        uri = self._logger.uri or os.environ.get("MLFLOW_TRACKING_URI") or f"{SQLITE}mlflow.db"
        uri = absolute(uri, Path(run.working))
        name = self._logger.experiment or run.name
        with alone(folder_of(uri)):  # the first process makes the tables of a database
            from mlflow.tracking import MlflowClient

            self._client = MlflowClient(tracking_uri=uri)
            experiment = self._experiment(name, uri)
        tags = {**self._logger.tags, "dlrun.directory": run.directory}
        if run.id is not None and self._continue(run):
            return self._run
        if run.group is not None and run.group_directory is not None:
            with alone(Path(run.group_directory)):
                tags["mlflow.parentRunId"] = self._parent(experiment, run)
        made = self._client.create_run(experiment, tags=tags, run_name=run.label)
        self._run = made.info.run_id
        self._parameters(run.parameters, {})
        return self._run

    def epochs(self, epochs: Sequence[Epoch]) -> None:
        from mlflow.entities import Metric

        now = int(time.time() * 1000)
        self._batches(
            [
                Metric(name, value, now, epoch.number)
                for epoch in epochs
                for name, value in epoch.values.items()
            ]
        )

    def restart(self, epoch: int) -> None:
        # MLflow cannot remove values: those of a step that is trained again are added.
        self._client.set_tag(self._run, "dlrun.restarted_after_epoch", str(epoch))

    def end(self, end: End) -> None:
        from mlflow.entities import Metric

        now = int(time.time() * 1000)
        self._batches([Metric(name, each, now, end.epochs) for name, each in end.scores.items()])
        for name, value in end.notes.items():
            self._client.set_tag(self._run, f"dlrun.{name}", value)
        if self._logger.artifacts:
            for file in end.files:
                self._client.log_artifact(self._run, file)
        self._client.set_terminated(self._run, _STATUS[end.status])

    def close(self) -> None:
        pass

    def _experiment(self, name: str, uri: str) -> str:
        """The ID of an experiment, which is created if it is missing."""
        found = self._client.get_experiment_by_name(name)
        if found is not None:
            return str(found.experiment_id)
        folder = folder_of(uri)
        # A path relative to the working directory would be the default.
        place = None if folder is None else str(folder / "mlartifacts" / _clean(name))
        return str(self._client.create_experiment(name, artifact_location=place))

    def _continue(self, run: Run) -> bool:
        """Open a run again; False if it is not there, or not the run of this directory."""
        from mlflow.exceptions import MlflowException

        try:
            found = self._client.get_run(run.id)
        except MlflowException:
            return False
        label = found.info.run_name
        if label != run.label:
            return False
        self._run = run.id or ""
        self._client.update_run(self._run, status="RUNNING")
        self._parameters(run.parameters, found.data.params)
        return True

    def _parameters(self, parameters: Mapping[str, Any], known: Mapping[str, str]) -> None:
        """Log parameters; MLflow does not change known ones, so changes become tags."""
        from mlflow.entities import Param

        texts = {_clean(key): str(value)[:_LONGEST_VALUE] for key, value in parameters.items()}
        new = [Param(key, value) for key, value in texts.items() if key not in known]
        for start in range(0, len(new), _PARAMETERS):
            self._client.log_batch(self._run, params=new[start : start + _PARAMETERS])
        for key, value in texts.items():
            if key in known and known[key] != value:
                self._client.set_tag(self._run, f"changed.{key}"[:_LONGEST_NAME], value)

    def _parent(self, experiment: str, run: Run) -> str:
        """The ID of the run of a study, which is created if it is missing."""
        group = sha256(str(run.group_directory).encode()).hexdigest()  # a path may have quotes
        found = self._client.search_runs(
            [experiment], f"tags.`dlrun.group` = '{group}'", max_results=1
        )
        if found:
            return str(found[0].info.run_id)
        tags = {**self._logger.tags, "dlrun.group": group, "dlrun.directory": run.group_directory}
        made = self._client.create_run(experiment, tags=tags, run_name=run.group)
        self._client.set_terminated(made.info.run_id)
        return str(made.info.run_id)

    def _batches(self, metrics: Sequence[Any]) -> None:
        for start in range(0, len(metrics), _METRICS):
            self._client.log_batch(self._run, metrics=metrics[start : start + _METRICS])


def _clean(name: str) -> str:
    """A name that MLflow accepts."""
    return re.sub(r"[^\w\-./ ]", "_", name, flags=re.ASCII)[:_LONGEST_NAME]
