"""How a run or a study is."""

from __future__ import annotations

from typing import Literal, get_args

State = Literal["running", "done", "early-stopped", "stopped", "diverged", "killed", "failed"]
"""Being trained now; trained for all its epochs; ended by early stopping; stopped by a signal, a
time limit, a pruner or the study, so that it can be resumed; NaN or infinite values; ended without
a result after an epoch; ended before its first epoch.  For a study: ``running``, ``done`` if all
its trials have ended, ``failed`` if all of them failed, else ``stopped``."""

STATES = get_args(State)

Mode = Literal["min", "max"]
"""Whether lower or higher is better."""
