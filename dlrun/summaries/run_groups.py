"""Runs that differ only in the seed are repeats of one another: a group."""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dlrun.collection.run_entry import RunEntry
from dlrun.intervals import Estimate, estimate
from dlrun.run_directory.compare import FREE
from dlrun.summaries.scales import scale_of

_ENDED = ("done", "early-stopped")
"""How runs are whose scores count in means: trained to their end."""
_SEED = "seed"
_NOT_COMPARED = (_SEED, "name", *FREE)
"""Keys, with those below them, that repeats may differ in."""


@dataclass(frozen=True, slots=True)
class RunGroup:
    """Repeats of one spec.

    Attributes:
        label: a letter.
        runs: all of them, by seed.
        counted: those whose scores count, by seed: of each seed the newest that was trained to its
            end.
        scores: the mean of each score over these runs with its interval; of a group in which none
            was trained to its end, the scores of its only run.
    """

    label: str
    runs: Sequence[RunEntry]
    counted: Mapping[int, RunEntry]
    scores: Mapping[str, Estimate]

    @property
    def seeds(self) -> tuple[int, ...]:
        """The seeds that count, sorted."""
        return tuple(self.counted)

    @property
    def example(self) -> RunEntry:
        """A run for the keys that all of them share."""
        return self.runs[0]

    @property
    def of_folds(self) -> bool:
        """Whether the runs are cross-validations."""
        return any(run.folds for run in self.runs)

    def counts(self, run: RunEntry) -> bool:
        """Whether the scores of one of its runs count."""
        counted = self.counted.get(seed_of(run) or 0)
        return counted is not None and counted.directory == run.directory

    def values(self, score: str) -> dict[int, float]:
        """A score by seed, of the runs that count and have it."""
        known = ((seed, run.metrics.get(score)) for seed, run in self.counted.items())
        return {seed: value for seed, value in known if value is not None}

    def names(self) -> list[str]:
        """A label for each run: that of the group, with a number if there are several."""
        if len(self.runs) == 1:
            return [self.label]
        return [f"{self.label}{number}" for number in range(1, len(self.runs) + 1)]


def grouped(runs: Sequence[RunEntry], sizes: Mapping[str, int]) -> tuple[RunGroup, ...]:
    """The groups, in the order of their first runs.

    Args:
        runs: in the order in which they were named.
        sizes: number of samples of each set; none if unknown.
    """
    return tuple(_group(label(n), each, sizes) for n, each in enumerate(repeats(runs)))


def repeats(runs: Sequence[RunEntry]) -> list[list[RunEntry]]:
    """The runs, those together that differ only in the seed and the name."""
    by_spec: dict[frozenset[tuple[str, str]], list[RunEntry]] = {}
    for run in runs:
        # The text of a value keeps 1, 1.0 and true apart.
        spec = frozenset((key, repr(value)) for key, value in run.spec.items() if is_compared(key))
        by_spec.setdefault(spec, []).append(run)
    return list(by_spec.values())


def is_compared(key: str) -> bool:
    """Whether runs that differ in a key of their specs are not repeats."""
    return key.partition(".")[0] not in _NOT_COMPARED


def label(number: int) -> str:
    """A, B, ..., Z, AA, AB and so on, from 0."""
    letters = ""
    number += 1
    while number:
        number, last = divmod(number - 1, 26)
        letters = string.ascii_uppercase[last] + letters
    return letters


def seed_of(run: RunEntry) -> int | None:
    """The seed of a run; None if its spec has none."""
    seed = run.spec.get(_SEED)
    return seed if isinstance(seed, int) and not isinstance(seed, bool) else None


def _group(name: str, runs: Sequence[RunEntry], sizes: Mapping[str, int]) -> RunGroup:
    ordered = sorted(runs, key=lambda run: (seed_of(run) or 0, run.order, run.directory))
    counted = {
        seed: run
        for run in ordered
        if run.state in _ENDED and not run.folds and (seed := seed_of(run)) is not None
    }
    shown = list(counted.values()) or (ordered if len(ordered) == 1 else [])
    scores: dict[str, Estimate] = {}
    for score in dict.fromkeys(score for run in shown for score in run.metrics):
        values = [value for run in shown if (value := run.metrics.get(score)) is not None]
        if values and len(values) == len(shown):
            scale = scale_of(score, sizes.get(score.partition(".")[0], 0))
            scores[score] = estimate(values, of=scale)
    return RunGroup(name, tuple(ordered), counted, scores)
