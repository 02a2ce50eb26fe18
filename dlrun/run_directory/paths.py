"""Where the files of a run are."""

from __future__ import annotations

from pathlib import Path

from dlrun.run_directory.access import present
from dlrun.run_directory.not_a_run import JOURNAL
from dlrun.run_directory.spec_keys import read_keys
from dlrun.spec.names import is_name

_FOLD = "fold-"
"""Beginning of the names of folds."""


class RunPaths:
    """The paths of a run's files and folders, and what its own path shows.

    Attributes:
        path: the directory.
        spec_file, resolved_file, environment_file, metrics_file, log_file, starts_file,
            confusion_file, curves_file, split_file, left_out_file, loggers_file,
            fork_file, result_file: paths of its files, which need not exist.
        checkpoints, plots, profile: paths of its folders, which need not exist.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.spec_file = path / "spec.yaml"
        self.resolved_file = path / "resolved.yaml"
        self.environment_file = path / "environment.json"
        self.metrics_file = path / "metrics.csv"
        self.log_file = path / "log.txt"
        self.starts_file = path / "starts.jsonl"
        self.confusion_file = path / "confusion.csv"
        self.curves_file = path / "curves.json"
        self.split_file = path / "split.csv"
        self.left_out_file = path / "left-out.csv"
        self.loggers_file = path / "loggers.json"
        self.fork_file = path / "fork.json"
        self.result_file = path / "result.json"
        self.checkpoints = path / "checkpoints"
        self.plots = path / "plots"
        self.profile = path / "profile"

    @property
    def data_folder(self) -> Path:
        """The folder where relative paths of the resolved spec start."""
        return self.path

    @property
    def name(self) -> str:
        """The experiment's name; of a run of a study that of the study.

        It is that of the spec, also if the directory was moved; without one, the folder's.

        Raises:
            DataError: the resolved spec is broken.
        """
        path = self.path.resolve()
        is_inner = self._is_inner(path)
        outer = path.parent.parent if is_inner else path.parent
        of_study = is_inner and not path.name.startswith(_FOLD)
        spec = outer / self.resolved_file.name if of_study else self.resolved_file
        called = read_keys(spec).get("name") if present(spec) else None
        return called if is_name(called) else outer.name

    @property
    def id(self) -> str:
        """The run's ID; of a fold with that of the cross-validation, ``ID/fold-1``."""
        path = self.path.resolve()
        fold = self._is_inner(path) and path.name.startswith(_FOLD)
        return f"{path.parent.name}/{path.name}" if fold else path.name

    def _is_inner(self, path: Path) -> bool:
        """Whether a directory is that of a fold or of a run of a study."""
        if path.name.startswith(_FOLD):
            return present(path.parent / self.resolved_file.name)
        return path.parent.name == "trials" and present(path.parent.parent / JOURNAL)
