"""What to do about the name of a score that no run reports."""

from __future__ import annotations

import re
from collections.abc import Collection

from dlrun.nn.metrics.base import Metric
from dlrun.spec import other_names
from dlrun.spec.problems import did_you_mean, near

_SETS = {"train": "train", "training": "train"} | dict.fromkeys(
    ("val", "valid", "validation", "dev", "eval"), "validation"
)
"""What the sets are called here and elsewhere, as in Keras's ``val_accuracy``."""


def usual(name: str) -> str:
    """The name that a score such as ``val_loss`` or ``acc`` would have here, if it exists."""
    written = re.fullmatch(rf"(?:({'|'.join(_SETS)})[^a-z0-9]+)?(\w+)", name.lower())
    if written is None:
        return name
    metric = other_names.same(written[2], Metric) or written[2]
    return f"{_SETS[written[1] or 'validation']}.{metric}"


def advice(name: str, known: Collection[str]) -> str:
    """What to do about the name of a score.

    Args:
        name: as written.
        known: the scores that runs report; those of the set that is usually meant come first.
    """
    likely = usual(name)
    part, _, metric = likely.partition(".")
    if (same := _of_metric(metric, known)) is not None:
        return f"did you mean '{likely if likely in known else same}'?"
    several = next((score for score in known if score.startswith(f"{part}.{metric}_")), None)
    if several is not None:  # the metric is listed twice, with other settings
        return f"did you mean '{several}'?"
    assert Metric.family is not None
    if metric in Metric.family:
        return f"add {metric} to the 'metrics' of the spec, and write '{likely}'"
    similar = near(metric, {score.partition(".")[2] for score in known})
    return did_you_mean(name, known) if similar is None else advice(f"{part}.{similar}", known)


def _of_metric(metric: str, known: Collection[str]) -> str | None:
    return next((score for score in known if score.endswith(f".{metric}")), None)
