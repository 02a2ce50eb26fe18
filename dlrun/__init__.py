"""dlrun: a deep-learning experiment runner.

    import dlrun

    run = dlrun.train("spec.yaml", {"optimizer.adam.lr": 1e-3})

The names below are imported when they are first used, so that ``dlrun --help`` stays quick.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dlrun.api import Run, find_lr, train
    from dlrun.cross_validation import cross_validate

__all__ = ["Run", "__version__", "cross_validate", "find_lr", "train"]

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    if name in ("Run", "find_lr", "train"):
        from dlrun import api

        return getattr(api, name)
    if name == "cross_validate":
        from dlrun import cross_validation

        return cross_validation.cross_validate
    raise AttributeError(f"module 'dlrun' has no attribute '{name}'")
