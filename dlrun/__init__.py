"""dlrun: a deep-learning experiment runner.

    import dlrun

    run = dlrun.train("spec.yaml", {"optimizer.adam.lr": 1e-3})

The functions have the same results as the commands of the command line.  Names are imported when
they are first used, so that ``dlrun --help`` is fast.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dlrun.api.archive import archive
    from dlrun.api.board import board
    from dlrun.api.check import check
    from dlrun.api.clean import clean
    from dlrun.api.compare import compare
    from dlrun.api.components import components
    from dlrun.api.cross_validate import cross_validate
    from dlrun.api.data_overview import data_overview
    from dlrun.api.diff import diff
    from dlrun.api.evaluate import evaluate
    from dlrun.api.find_lr import find_lr
    from dlrun.api.findings import Findings
    from dlrun.api.plan import plan
    from dlrun.api.predict import predict
    from dlrun.api.preview_augmentations import preview_augmentations
    from dlrun.api.report import report
    from dlrun.api.report_result import report_result
    from dlrun.api.resume import resume
    from dlrun.api.run import Run
    from dlrun.api.runs import runs
    from dlrun.api.schema import schema
    from dlrun.api.show import show
    from dlrun.api.study import Study
    from dlrun.api.suggest import suggest
    from dlrun.api.tag import tag
    from dlrun.api.train import train
    from dlrun.api.tune import tune
    from dlrun.api.verify import verify
    from dlrun.api.warmup import warmup
    from dlrun.api.watch import watch

__all__ = [
    "Findings",
    "Run",
    "Study",
    "__version__",
    "archive",
    "board",
    "check",
    "clean",
    "compare",
    "components",
    "cross_validate",
    "data_overview",
    "diff",
    "evaluate",
    "find_lr",
    "plan",
    "predict",
    "preview_augmentations",
    "report",
    "report_result",
    "resume",
    "runs",
    "schema",
    "show",
    "suggest",
    "tag",
    "train",
    "tune",
    "verify",
    "warmup",
    "watch",
]

__version__ = "0.2.0"


def __dir__() -> list[str]:
    return list(__all__)


def __getattr__(name: str) -> Any:
    """A public name, from the module of ``dlrun.api`` that is called the same."""
    if name not in __all__:
        raise AttributeError(f"module 'dlrun' has no attribute '{name}'")
    return getattr(import_module(f"dlrun.api.{name.lower()}"), name)
