"""``docs/guide/json.md`` lists exactly the keys that the commands print."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator, Set
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from dlrun.cli.app import run
from dlrun.study import events
from dlrun.study.store.job import Job

PAGE = Path(__file__).parents[2] / "docs" / "guide" / "json.md"

SPEC = """
name: small
data: {source: {moons: {samples: 100}}, split: {validation: 0.2}}
model: [dense: 4, tanh, dense: "${classes}"]
loss: cross_entropy
metrics: [accuracy]
epochs: 2
"""

DIVERGING = """
name: steep
seed: 1
data: {source: {blobs: {samples: 400, noise: 2.0}}, split: {validation: 0.2}}
model: [dense: 16, relu, dense: "${classes}"]
loss: cross_entropy
optimizer: {sgd: {lr: 0.05}}
schedule: {step: {every: 2, gamma: 1e20}}
on_divergence: {attempts: 1}
epochs: 3
"""

SWEEP = """
name: small-search
spec: small.yaml
search: grid
objective: {minimize: validation.loss}
repeats: 2
space: {optimizer.adam.lr: [1e-5, 1e-2]}
claims: [{larger: {better: {optimizer.adam.lr: 1e-2}, than: {optimizer.adam.lr: 1e-5}}}]
"""

OBJECTIVES = """
name: front
spec: small.yaml
search: grid
objectives: [{minimize: validation.loss}, {minimize: cost.parameters}]
space: {optimizer.adam.lr: [1e-6, 1e-5, 1e-4]}
"""

POPULATION = """
name: population
spec: small.yaml
search: {random: {trials: 4}}
prune: {population: {every: 1}}
objective: {minimize: validation.loss}
space: {optimizer.adam.lr: {log_uniform: [1e-5, 1e-2]}}
"""


def documented(page: Path) -> dict[str, set[str]]:
    """The keys in the tables of a page, by the heading above them."""
    found: dict[str, set[str]] = {}
    heading = ""
    for line in page.read_text().splitlines():
        if line.startswith("#"):
            heading = line.lstrip("# ")
        elif line.startswith("| `"):
            cell = line.split(" | ")[0]
            found.setdefault(heading, set()).update(re.findall(r"`([^`]+)`", cell))
    return found


KEYS = documented(PAGE)


def keys(value: Any, known: Set[str], path: str = "") -> Iterator[str]:
    """The paths in an output; what is below a path in ``known`` counts only if ``known`` has it."""
    if isinstance(value, list):
        for each in value:
            yield from keys(each, known, f"{path}[]")
    elif isinstance(value, dict):
        for key, inner in value.items():
            here = f"{path}.{key}" if path else key
            below = any(other.startswith((f"{here}.", f"{here}[]")) for other in known)
            if here in known or not below:
                yield here
            yield from keys(inner, known, here) if below else ()


def compare(heading: str, outputs: list[dict[str, Any]], also: Set[str] = frozenset()) -> None:
    """The keys of the outputs are those of the page under the heading, and ``also``."""
    known = KEYS[heading] | also
    assert outputs, heading
    assert {key for output in outputs for key in keys(output, known)} == known, heading


def printed(*words: str) -> str:
    screen, errors = io.StringIO(), io.StringIO()
    with redirect_stdout(screen), redirect_stderr(errors):
        code = run(words)
    assert code in (0, 3, 4, 75), errors.getvalue()
    return screen.getvalue()


def lines(*words: str) -> dict[str, list[dict[str, Any]]]:
    """The events that a command prints, by name."""
    found: dict[str, list[dict[str, Any]]] = {}
    for line in printed(*words, "--json").splitlines():
        event = json.loads(line)
        found.setdefault(event["event"], []).append(event)
    return found


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, text in (
        ("small", SPEC),
        ("steep", DIVERGING),
        ("sweep", SWEEP),
        ("front", OBJECTIVES),
        ("population", POPULATION),
    ):
        Path(f"{name}.yaml").write_text(text)
    return tmp_path


def test_events_of_trainings() -> None:
    found = lines("train", "small.yaml", "--profile")
    steep = lines("train", "steep.yaml")
    found["restarted"] = steep["restarted"]
    found["run_ended"] += steep["run_ended"]
    assert list(found) == ["run_started", "epoch", "run_ended", "profile", "restarted"]
    for name, outputs in found.items():
        compare(name, outputs, {"event"})


def test_events_of_folds() -> None:
    found = lines("train", "small.yaml", "data.split.folds=2", "epochs=1")
    compare("fold_started", found["fold_started"], {"event"})
    compare("folds_ended", found["folds_ended"], {"event"})
    assert set(found) == {"fold_started", "run_started", "epoch", "run_ended", "folds_ended"}


@pytest.mark.slow
def test_events_of_searches_and_their_results() -> None:
    found = lines("tune", "sweep.yaml", "--jobs", "1")
    assert len(found) == 7
    for name, outputs in found.items():
        compare(name, outputs, {"event"})
    looks = lines("tune", "sweep.yaml", "--jobs", "1", "name=looks", "repeats=4", "looks=2")
    compare("looked", looks["looked"], {"event"})
    population = lines("tune", "population.yaml", "--jobs", "1")
    compare("trial_forked", population["trial_forked"], {"event"})
    printed("tune", "front.yaml", "--jobs", "1", "-q")
    for read in (_printed, _written):
        one, several = read("small-search"), read("front")
        forks = [
            {key: each[key] for key in ("continues", "schedule")}
            for each in read("population")["trials"]
            if each["continues"]
        ]
        uncertain = [{"uncertain": each["uncertain"]} for each in several["trials"]]
        of_several = {key: several[key] for key in ("hypervolume", "advice")}
        compare("dlrun study", [one, of_several, {"trials": uncertain}, {"trials": forks}])


def _printed(study: str) -> dict[str, Any]:
    shown: dict[str, Any] = json.loads(printed("study", f"studies/{study}", "--json"))
    return shown


def _written(study: str) -> dict[str, Any]:
    leaderboard: dict[str, Any] = json.loads(Path("studies", study, "leaderboard.json").read_text())
    return leaderboard


@pytest.mark.parametrize(
    "event",
    [
        events.JobCrashed(Job(1, 0), "killed", again=True),
        events.JobInterrupted(Job(1, 0), "preempted"),
        events.JobNoted(Job(1, 0), "a remark"),
    ],
    ids=lambda event: type(event).__name__,
)
def test_events_that_need_an_accident(event: events.Event) -> None:
    shown = events.as_json(event)
    assert len(shown) == 1 + len(fields(event))
    compare(shown["event"], [json.loads(json.dumps(shown))], {"event"})


def test_objects() -> None:
    dry = json.loads(printed("tune", "sweep.yaml", "--dry-run", "--json"))
    compare("dlrun tune --dry-run", [dry])
    compare("dlrun suggest", [json.loads(printed("suggest", "sweep.yaml", "--json"))])
    compare("dlrun find-lr", [json.loads(printed("find-lr", "small.yaml", "--json"))])
    checked = json.loads(printed("check", "small.yaml", "--plan", "--explain", "--json"))
    compare("dlrun check", [checked])


def test_data_with_a_leak(folder: Path) -> None:
    rows = "".join(f"{n},{n % 3},{'pq'[n % 2]}\n" for n in [*range(20), *range(20)])
    (folder / "twice.csv").write_text(f"a,b,y\n{rows}")
    source = "data.source={csv: {path: twice.csv, target: y}}"
    compare("dlrun data", [json.loads(printed("data", "small.yaml", source, "--json"))])


def test_comparisons() -> None:
    for name, seed in (("one", 1), ("two", 2)):
        printed("train", "small.yaml", f"seed={seed}", "--runs", name, "-q")
    first, second = (str(next(Path(name, "small").iterdir())) for name in ("one", "two"))
    found = json.loads(printed("diff", first, second, "--json"))
    # Where these two runs agree, others differ; every difference has the same keys.
    found["result"] = found["result"] or found["spec"]
    found["environment"] = found["environment"] or found["spec"]
    compare("dlrun verify and dlrun diff", [found])
    same = json.loads(printed("verify", first, "--json"))
    assert set(same) == set(found)
    scores = json.loads(printed("evaluate", first, "--json"))
    assert set(scores) == {"validation.loss", "validation.accuracy"}


@pytest.mark.slow
def test_reports_of_runs_and_studies() -> None:
    printed("train", "small.yaml", "seed=1", "-q")
    printed("train", "small.yaml", "seed=2", "optimizer.adam.lr=0.1", "-q")
    first, second = map(str, Path("runs/small").iterdir())
    printed("train", "small.yaml", "data.split.folds=2", "name=folds", "epochs=1", "-q")
    printed("tune", "sweep.yaml", "--jobs", "1", "-q")
    words = [first, "small-search#0", str(next(Path("runs/folds").iterdir()))]
    shown = [json.loads(printed("show", word, "--json")) for word in words]
    known = [{key: each[key] for key in each if each[key] is not None} for each in shown]
    assert set(shown[0]) == set(shown[1]) == set(shown[2])
    nulls = {key for each in shown for key in each} - {key for each in known for key in each}
    compare("dlrun show", [*known, dict.fromkeys(nulls)])
    compare("dlrun show of a study", [json.loads(printed("show", "small-search", "--json"))])
    environment = json.loads(Path(first, "environment.json").read_text())
    Path(first, "environment.json").write_text(json.dumps({**environment, "threads": 99}))
    compare("dlrun compare", [json.loads(printed("compare", first, second, "--json"))])


@pytest.mark.slow
def test_lists_of_runs_and_of_deletions() -> None:
    printed("train", "small.yaml", "seed=1", "-q")
    printed("train", "small.yaml", "data.split.folds=2", "name=folds", "epochs=1", "-q")
    printed("tune", "sweep.yaml", "--jobs", "1", "-q")
    printed("tag", "latest", "+mine", "--note", "a remark")
    listed = json.loads(printed("runs", "--all", "--json"))
    known = KEYS["dlrun runs"]
    settings = {prefix for each in listed for key in each["spec"] for prefix in _prefixes(key)}
    for key in {key for each in listed for key in each} - known - settings:
        assert key.startswith(("train.", "validation.", "test."))
    compare("dlrun runs", [{key: each[key] for key in each if key in known} for each in listed])
    compare("dlrun clean", [json.loads(printed("clean", "--keep-best", "1", "--json"))])


def _prefixes(key: str) -> list[str]:
    """A dotted key and those above it."""
    parts = key.split(".")
    return [".".join(parts[:count]) for count in range(1, len(parts) + 1)]


def test_files_of_a_run() -> None:
    """The same for ``environment.json`` and ``result.json``, whose tables are on another page."""
    printed("train", "small.yaml", "max_time=0.001s", "-q")
    printed("train", "small.yaml", "--resume", "-q")
    (path,) = Path("runs/small").iterdir()
    page = documented(PAGE.parent / "run-directory.md")
    environment = json.loads((path / "environment.json").read_text())
    assert set(environment) == page["environment.json"] - {"numerics"}  # of portable ones only
    assert page["result.json"] == set(json.loads((path / "result.json").read_text()))


def test_the_page_has_nothing_else() -> None:
    assert len(KEYS) == 31


def test_a_key_that_is_missing_or_new_is_found() -> None:
    with pytest.raises(AssertionError):
        compare("fold_started", [{"event": "fold_started", "fold": 1}], {"event"})
    with pytest.raises(AssertionError):
        compare("fold_started", [{"fold": 1, "folds": 2, "of": 3}])
