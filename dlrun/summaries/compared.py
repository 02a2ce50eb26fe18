"""A comparison of runs, as data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from dlrun.collection.differing import differing
from dlrun.collection.directions import direction
from dlrun.collection.keys import MISSING, value_of
from dlrun.collection.run_entry import RunEntry
from dlrun.collection.states import Mode
from dlrun.errors import InputError
from dlrun.printable import printable
from dlrun.run_directory import metrics
from dlrun.run_directory.split import sizes as set_sizes
from dlrun.run_directory.usable import means
from dlrun.summaries.environments import EnvironmentKey, differing_data, environment_keys
from dlrun.summaries.paired_tests import PairedTest, paired_tests, sentence
from dlrun.summaries.run_groups import RunGroup, grouped, is_compared, repeats, seed_of


@dataclass(frozen=True, slots=True)
class Compared:
    """A comparison of two runs or more.

    Attributes:
        groups: of runs that differ only in the seed, labelled A, B and so on.
        keys: of the specs, in which the groups differ, the most informative first.
        score: that is tested and drawn; None if the runs have none in common.
        mode: whether lower or higher is better for it.
        tests: each group compared with the first, except cross-validations.
        environment: keys of the environments that differ.
        notes: what the user should know of runs that do not count, one line each.
        curves: the score by epoch of each run, by the run's label.
    """

    groups: Sequence[RunGroup]
    keys: Sequence[str]
    score: str | None
    mode: Mode
    tests: Sequence[PairedTest]
    environment: Sequence[EnvironmentKey]
    notes: Sequence[str]
    curves: Mapping[str, Sequence[float]]

    @property
    def scores(self) -> list[str]:
        """All scores: first the one that is compared, then those of validation and test set."""
        names = dict.fromkeys(name for group in self.groups for name in group.scores)
        return sorted(names, key=lambda name: (name != self.score, name.startswith("train.")))

    @property
    def verdicts(self) -> list[str]:
        """The results of the tests as sentences."""
        return [sentence(each) for each in self.tests]

    def curve(self, group: RunGroup) -> list[float]:
        """The mean of the score by epoch over the runs of a group, while all of them were trained.

        NaN where a run has NaN; empty without the score.
        """
        curves = [self.curves[name] for name in group.names() if name in self.curves]
        return means(zip(*curves, strict=False))

    def rows(self) -> list[dict[str, Any]]:
        """One row per group with plain values by column, for CSV."""
        found = []
        for group in self.groups:
            row: dict[str, Any] = {
                "group": group.label,
                "runs": len(group.runs),
                "seeds": list(map(str, group.seeds)),
                "status": list(dict.fromkeys(run.state for run in group.runs)),
                "path": [run.directory for run in group.runs],
            }
            for key in self.keys:
                value = value_of(group.example, key)
                row[key] = None if value is MISSING else value
            for name in self.scores:
                each = group.scores.get(name)
                row[name] = None if each is None else each.mean
                row[f"{name}.low"] = None if each is None else each.low
                row[f"{name}.high"] = None if each is None else each.high
                row[f"{name}.n"] = None if each is None else each.n
            found.append(row)
        return found

    def as_json(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "score": self.score,
            "mode": self.mode,
            "groups": [
                {
                    "label": group.label,
                    "runs": [
                        {
                            "label": name,
                            "name": run.name,
                            "path": run.directory,
                            "seed": seed_of(run),
                            "status": run.state,
                            "counted": group.counts(run),
                            "scores": dict(run.metrics),
                            "curve": self.curves.get(name),
                        }
                        for name, run in zip(group.names(), group.runs, strict=True)
                    ],
                    "keys": {
                        key: None if (value := value_of(group.example, key)) is MISSING else value
                        for key in self.keys
                    },
                    "scores": {name: asdict(each) for name, each in group.scores.items()},
                }
                for group in self.groups
            ],
            "tests": [{**asdict(each), "sentence": sentence(each)} for each in self.tests],
            "environment": [
                {
                    "key": each.key,
                    "values": [{"value": value, "runs": runs} for value, runs in each.values],
                }
                for each in self.environment
            ],
            "notes": self.notes,
        }


def compared(runs: Sequence[RunEntry], score: str | None = None) -> Compared:
    """Compare runs.

    Args:
        runs: two or more, each once.
        score: that is tested and drawn; None for the one that determines the best epoch.

    Raises:
        InputError: no run has the score.
        DataError: a file of a run is broken.
    """
    if score is not None:
        _check_score(score, runs)
    sizes: dict[str, int] = {}
    for run, *_ in repeats(runs):
        for name, size in set_sizes(run.path / "split.csv").items():
            sizes[name] = min(size, sizes.get(name, size))  # the coarser resolution counts
    groups = grouped(runs, sizes)
    score = _common_score(groups) if score is None else score
    known = [run.mode for run in runs if run.monitor == score]
    mode = known[0] if known else direction(score or "")
    keys = [key for key in differing([group.example for group in groups]) if is_compared(key)]
    environment = environment_keys(groups)
    data = differing_data(groups, environment)
    return Compared(
        groups,
        keys,
        score,
        mode,
        () if score is None else paired_tests(groups, score, mode, sizes, data),
        environment,
        tuple(_notes(groups, score)),
        {} if score is None else _curves(groups, score),
    )


def _check_score(score: str, runs: Sequence[RunEntry]) -> None:
    known = list(dict.fromkeys(name for run in runs for name in run.metrics))
    if score not in known:
        from dlrun.spec.problems import did_you_mean

        raise InputError(
            f"--score {printable(score)}: no run has this score; {did_you_mean(score, known)}"
        )


def _common_score(groups: Sequence[RunGroup]) -> str | None:
    monitors = dict.fromkeys(run.monitor for group in groups for run in group.runs)
    for monitor in monitors:
        runs = [run for group in groups for run in group.runs]
        if monitor is not None and all(monitor in run.metrics for run in runs if run.metrics):
            return monitor
    return None


def _notes(groups: Sequence[RunGroup], score: str | None) -> list[str]:
    notes = []
    if score is None:
        notes.append("the runs have no score in common; choose one with --score")
    folds = [name for group in groups if group.of_folds for name in group.names()]
    if folds:
        *first, last = folds
        who = f"{', '.join(first)} and {last} are" if first else f"{last} is"
        are = "cross-validations" if first else "a cross-validation"
        notes.append(f"{who} {are}; means over folds are not tested")
    for group in groups:
        for name, run in zip(group.names(), group.runs, strict=True):
            if group.counts(run) or run.folds:
                continue
            if run.state in ("done", "early-stopped"):
                why = "has the same spec and seed as a newer run; only the newer one counts"
            else:
                why = f"is {run.state}; its scores are not tested and not part of a mean"
            notes.append(f"{name} {why}")
    return notes


def _curves(groups: Sequence[RunGroup], score: str) -> dict[str, Sequence[float]]:
    found: dict[str, Sequence[float]] = {}
    for group in groups:
        for name, run in zip(group.names(), group.runs, strict=True):
            if run.trained and not run.folds:
                columns = metrics.read_columns(Path(run.directory) / "metrics.csv")
                if score in columns:
                    found[name] = columns[score]
    return found
