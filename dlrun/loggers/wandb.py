"""Weights & Biases."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar, Literal

from dlrun.loggers.base import Logger, logger
from dlrun.loggers.messages import End, Epoch, Run
from dlrun.loggers.sink import Sink
from dlrun.run_directory.access import make_folder

_SECONDS = 15.0
"""Time limit for the first answer of the server."""


@logger("wandb")
class Wandb(Logger):
    """A run in Weights & Biases: pip install 'dlrun[wandb]'.

    Its files are in the folder ``wandb`` of the run directory; ``wandb sync`` uploads those of an
    offline run.  The key of the account is read from ``WANDB_API_KEY`` or from ``wandb login``.
    Runs of a study or a cross-validation are in one group.
    """

    package: ClassVar = "wandb"
    extra: ClassVar = "wandb"

    mode: Literal["offline", "online"] = "offline"
    """``offline``: write files only; ``online``: send everything to the server."""
    project: str | None = None
    """Name of the project; null: the name of the spec."""
    entity: str | None = None
    """User or team that owns the project; null: the default of the account."""

    @property
    def place(self) -> str:
        """Owner, project and mode."""
        return f"{self.entity or ''}/{self.project or 'the name of the spec'} {self.mode}"

    def sink(self) -> Sink:
        """A run in Weights & Biases."""
        return _WandbRun(self)


class _WandbRun(Sink):
    def __init__(self, logger: Wandb) -> None:
        self._logger = logger
        self._run: Any = None
        self._code = 0

    def open(self, run: Run) -> str:
        import wandb

        identity = run.id or run.unique
        make_folder(Path(run.directory) / "wandb")
        settings = wandb.Settings(
            console="off",
            disable_git=True,
            init_timeout=_SECONDS,
            login_timeout=_SECONDS,
            save_code=False,
            silent=True,
            symlink=False,
            x_disable_stats=True,
            x_save_requirements=False,
        )
        self._run = wandb.init(
            project=self._logger.project or run.name,
            entity=self._logger.entity,
            name=run.label,
            id=identity,
            group=run.group,
            config=dict(run.parameters),
            tags=[f"{key}: {value}"[:64] for key, value in self._logger.tags.items()],
            mode=self._logger.mode,
            dir=run.directory,
            resume="allow" if self._logger.mode == "online" else None,
            settings=settings,
        )
        self._run.define_metric("*", step_metric="epoch")
        return identity

    def epochs(self, epochs: Sequence[Epoch]) -> None:
        for epoch in epochs:
            self._run.log({**epoch.values, "epoch": epoch.number})

    def restart(self, epoch: int) -> None:
        # Values cannot be removed: those of an epoch that is trained again are added.
        self._run.summary["restarted_after_epoch"] = epoch

    def end(self, end: End) -> None:
        self._run.summary.update({**end.scores, **end.notes})
        if self._logger.artifacts:
            import wandb

            artifact = wandb.Artifact(f"run-{self._run.id}-files", type="run")
            for file in end.files:
                artifact.add_file(file)
            self._run.log_artifact(artifact)
        self._code = 0 if end.status == "completed" else 1

    def close(self) -> None:
        self._run.finish(exit_code=self._code)
