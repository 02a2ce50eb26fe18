"""A run for the loggers of real libraries, without a training."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from dlrun.loggers.base import Logger
from dlrun.loggers.loggers import Loggers
from dlrun.loggers.messages import End, Epoch, Message, Run

RESULT = End("completed", "epochs", "all epochs are done", 3, 2, {"test/loss": 0.25}, 1.5)
END = "the end of the run, with its files"
LONG = 240.0
"""Seconds to wait for a library, on a loaded machine."""


def run_in(folder: Path, *, group: Path | None = None, resolved: bool = False) -> Run:
    """The run of a directory, which is made."""
    folder.mkdir(parents=True, exist_ok=True)
    if resolved:
        (folder / "resolved.yaml").write_text("name: small\n")
    label = folder.name if group is None else str(folder.relative_to(group)).replace("/", "-")
    return Run(
        name="small",
        label=label,
        unique=f"unique-{label}",
        directory=str(folder),
        working=str(folder),
        parameters={"seed": 3, "optimizer.adam.lr": 0.01, "loss": "mse", "clip": "null"},
        group=None if group is None else group.name,
        group_directory=None if group is None else str(group),
    )


def epochs(first: int, last: int) -> list[Epoch]:
    """Epochs with a loss of 1 / epoch."""
    return [Epoch(n, {"train/loss": 1 / n, "lr": 0.01}) for n in range(first, last + 1)]


def logged(logger: Logger, run: Run, messages: Sequence[Message | str]) -> list[str]:
    """Log messages in the logger's own process; returns the warnings."""
    directory = Path(run.directory)
    files = [str(path) for path in directory.glob("resolved.yaml")]
    found = Loggers([logger], run, directory / "loggers.json")
    for message in messages:
        found.put(_with_files(files) if isinstance(message, str) else message)
    found.close(LONG)
    return found.warnings()


def _with_files(files: Sequence[str]) -> End:
    fields = {name: getattr(RESULT, name) for name in End.__dataclass_fields__}
    return End(**{**fields, "files": files})
