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
    several = (score for score in known if score.startswith(f"{part}.{metric}_"))
    # A metric that is listed twice, with other settings, has longer names.
    if (same := _of_metric(likely, known) or next(several, None)) is not None:
        return f"did you mean '{same}'?"
    assert Metric.family is not None
    if metric in Metric.family:
        return f"add {metric} to the 'metrics' of the spec, and write '{likely}'"
    similar = near(metric, {score.partition(".")[2] for score in known})
    if similar is not None:
        return f"did you mean '{_of_metric(f'{part}.{similar}', known)}'?"
    return did_you_mean(name, known)


def unreported(name: str, known: Collection[str]) -> tuple[str, str]:
    """What is wrong with a score by which a search compares trials, and what to do.

    Args:
        name: of the score, which is not a known one.
        known: as for ``advice``.
    """
    if name.startswith("test."):
        used = next(iter(known)).partition(".")[0]
        what = "the test set cannot be used to choose the best trial"
        return what, f"use {name.replace('test', used, 1)}"
    return f"no run reports '{name}'", advice(name, known)


def _of_metric(name: str, known: Collection[str]) -> str | None:
    """The known score with this name, or else the first one with the same metric."""
    metric = name.partition(".")[2]
    same = [score for score in known if score.endswith(f".{metric}")]
    return name if name in same else next(iter(same), None)
