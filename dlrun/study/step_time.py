"""The time of a training step, measured."""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import islice

from dlrun.experiment.compile import Compiled
from dlrun.training.events import StepEnded
from dlrun.training.session import Session
from dlrun.training.stop import Stop

_WARM = 3
"""Steps before the measurement, which load or compile kernels."""
_STEPS = 50
"""Maximum number of steps that are measured."""


def measured_step(compiled: Compiled, seconds: float) -> float:
    """Mean seconds of a step without validation, measured for about ``seconds``."""
    endless = compiled.experiment.model_copy(update={"epochs": 10**6})
    session = Session(replace(compiled, experiment=endless))
    stop = Stop(max_time=seconds)
    steps = (event for event in session.run(stop) if isinstance(event, StepEnded))
    times = [time.perf_counter() for _ in islice(steps, _WARM + _STEPS)]
    if len(times) <= _WARM:
        return seconds
    return (times[-1] - times[_WARM - 1]) / (len(times) - _WARM)
