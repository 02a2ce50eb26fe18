"""Lines about what to change in a search space."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from studies import LOSS, end, study, write
from sweeps import SPEC

from dlrun.search.importance import Importance
from dlrun.study.batches import batch
from dlrun.study.ledger import Ledger
from dlrun.study.results.advice.advice import advise
from dlrun.study.results.advice.unimportant import unimportant
from dlrun.study.results.ranking import leaderboard
from dlrun.study.store.job import Job
from dlrun.study.sweep.compile import read_plan

RATE = "optimizer.adam.lr"
SPACE: dict[str, Any] = {RATE: {"log_uniform": [1e-4, 10.0]}, "params.units": [4, 8, 16]}


def lines(ledger: Ledger) -> list[str]:
    return [each.line for each in advise(ledger.plan, leaderboard(ledger.plan, ledger.state))]


def ended(ledger: Ledger, bound: float) -> None:
    """Trials that fail above a rate, and are better the higher it is and the more units."""
    batch(ledger, 0)
    for trial, settings in list(ledger.state.trials()):
        rate, units = settings[RATE], settings["params.units"]
        value = 1.0 - 0.1 * math.log10(rate) + 1 / units
        end(ledger, Job(trial, 0), {} if rate > bound else {LOSS: value})
    write(ledger)


def test_lines_name_place_reason_and_text(tmp_path: Path) -> None:
    keys: dict[str, Any] = {"search": {"sobol": {"trials": 20}}, "space": SPACE}
    with study(tmp_path, **keys) as ledger:
        ended(ledger, 1.0)
        rate, units = lines(ledger)
        rates = [each[RATE] for _, each in ledger.state.trials()]
    text = (tmp_path / "search.yaml").read_text().splitlines()
    number = next(n for n, line in enumerate(text, 1) if f'"{RATE}"' in line)
    good, bad = max(r for r in rates if r <= 1), [r for r in rates if r > 1]
    assert rate.startswith(f"search.yaml:{number}: {RATE}: all {len(bad)} trials above {good} ")
    assert units.startswith("search.yaml:")
    assert units.endswith(
        "params.units: the best trial is at the upper end (16); write [4, 8, 16, 32]"
    )
    board = json.loads((tmp_path / "studies/search/leaderboard.json").read_text())
    first, second = board["advice"]
    assert (first["key"], second["key"]) == (RATE, "params.units")
    assert f"{first['place']}: {RATE}: {first['reason']}; write {first['write']}" == rate
    table = (tmp_path / "studies/search/leaderboard.md").read_text().splitlines()
    assert table[-2:] == [f"{rate}  ", units]
    # What it says to write is a sweep, and what failed is outside of it.
    sweep = json.loads((tmp_path / "search.yaml").read_text())
    overrides = [f"space.{each['key']}={each['write']}" for each in board["advice"]]
    del sweep["space"]
    changed = read_plan(tmp_path / "search.yaml", overrides).space
    assert not any(changed.dimensions[RATE].contains(value) for value in bad)
    assert all(changed.dimensions[RATE].contains(r) for r in rates if r <= 1)


def test_both_ends_of_a_range_are_one_line(tmp_path: Path) -> None:
    keys: dict[str, Any] = {"search": "grid", "space": {"params.units": [4, 8, 16, 32, 64]}}
    with study(tmp_path, **keys) as ledger:
        batch(ledger, 0)
        for trial, value in enumerate([0.5, 0.4, 0.3, 0.2, 0.1]):
            end(ledger, Job(trial, 0), {LOSS: value})
        (line,) = lines(ledger)
    assert line.endswith("the best trial is at the upper end (64); write [4, 8, 16, 32, 64, 128]")


def test_nothing_is_said_before_the_end(tmp_path: Path) -> None:
    keys: dict[str, Any] = {"search": {"sobol": {"trials": 20}}, "space": SPACE}
    with study(tmp_path, **keys) as ledger:
        batch(ledger, 0)
        for trial in range(19):
            end(ledger, Job(trial, 0), {LOSS: -float(trial)})
        assert not lines(ledger)
        end(ledger, Job(19, 0), {})
        write(ledger)
    assert json.loads((tmp_path / "studies/search/leaderboard.json").read_text())["advice"] == []


def test_places_stay_those_of_the_user(tmp_path: Path) -> None:
    """Opened again with its own sweep, a study still names the lines of the user's file."""
    keys: dict[str, Any] = {"search": {"sobol": {"trials": 20}}, "space": SPACE}
    with study(tmp_path, **keys) as ledger:
        ended(ledger, 1.0)
        before, records = lines(ledger), dict(ledger.state.places)
        directory = ledger.directory
    plan = read_plan(directory.resolved_file)
    lock = directory.lock()
    try:
        again = Ledger(plan, directory)
        again.begin()
        assert again.state.places == records
        assert lines(again) == before
        again.close()
    finally:
        directory.release(lock)
    file = tmp_path / "search.yaml"
    file.write_text("\n\n" + file.read_text())
    lock = directory.lock()
    try:
        moved = Ledger(read_plan(file), directory)
        moved.begin()
        assert moved.state.places != records
        moved.close()
    finally:
        directory.release(lock)


@pytest.mark.parametrize("several", [False, True])
def test_a_key_without_effect_is_fixed(tmp_path: Path, several: bool) -> None:
    space = {RATE: {"log_uniform": [1e-4, 1.0]}, "params.units": {"integer": [4, 32]}}
    spare = {"data.batch_size": {"integer": [8, 64]}}
    keys: dict[str, Any] = {"search": {"sobol": {"trials": 40}}, "space": {**space, **spare}}
    if several:
        keys["objectives"] = [{"minimize": LOSS}, {"minimize": "cost.parameters"}]
    random = np.random.default_rng(0)
    with study(tmp_path, **keys) as ledger:
        batch(ledger, 0)
        for trial, settings in list(ledger.state.trials()):
            bowl = (math.log10(settings[RATE]) + 2) ** 2 + 20 / settings["params.units"]
            scores = {LOSS: bowl + 0.1 * random.normal()}
            end(ledger, Job(trial, 0), {**scores, "cost.parameters": settings["params.units"]})
        found = lines(ledger)
        best = leaderboard(ledger.plan, ledger.state).rows[0].trial.suggestion["data.batch_size"]
    goals = f"{LOSS} or cost.parameters" if several else LOSS
    effect = f"little or no effect on {goals} in 40 trials"
    what = f": data.batch_size: {effect}; write {{fixed: {best}}}"
    assert sum(what in line for line in found) == 1
    assert not any("no effect" in line for line in found if what not in line)


def test_trials_without_a_score_show_no_effect_of_a_key(tmp_path: Path) -> None:
    keys: dict[str, Any] = {"search": {"sobol": {"trials": 40}}, "space": SPACE}
    with study(tmp_path, **keys) as ledger:
        batch(ledger, 0)
        for trial in range(40):
            end(ledger, Job(trial, 0), {LOSS: float(trial)} if trial % 8 else {})
        none = {LOSS: {"params.units": Importance(0.0, 0.0, 0.0)}}
        board = leaderboard(ledger.plan, ledger.state)
        found = {each.key: each.reason for each in advise(ledger.plan, board, lambda: none)}
    assert found["params.units"] == f"little or no effect on {LOSS} in 35 trials"


def test_a_key_matters_if_it_matters_once() -> None:
    none, some = Importance(0.01, 0.0, 0.03), Importance(0.2, 0.1, 0.3)
    wide = Importance(0.1, 0.0, 0.4)
    first = {"a": none, "b": some, "c": wide, "d": none}
    assert unimportant({"loss": first}) == ["a", "d"]
    assert unimportant({"loss": first, "cost": {**first, "a": some}}) == ["d"]
    assert unimportant({"loss": first, "cost": {}}) == []


SPEC_OF_MANY: dict[str, Any] = {
    **SPEC,
    "model": [{"dense": "${units}"}, {"dropout": 0.1}, {"dense": "${classes}"}],
    "loss": {"cross_entropy": {"label_smoothing": 0.0}},
}


@pytest.mark.parametrize(
    ("key", "dimension"),
    [
        ("model.1.dropout", [0.1, 0.5, 0.9]),
        ("loss.cross_entropy.label_smoothing", [0.0, 0.4, 0.8]),
        ("optimizer.adam.beta1", [0.5, 0.7, 0.9]),
        ("data.split.validation", [0.2, 0.4, 0.7]),
        ("optimizer.sgd.momentum", {"uniform": [0.8, 0.99]}),
        ("weight_decay", {"uniform": [0.0, 0.3]}),
        ("optimizer.adam.lr", [0.01, 0.1, 1.0]),
        ("epochs", {"integer": [1, 9]}),
        ("data.batch_size", {"integer": [1, 64], "log": True}),
        ("params.units", [4, 8, 16]),
    ],
)
@pytest.mark.parametrize("upper", [True, False])
def test_what_is_advised_can_be_written(
    tmp_path: Path, key: str, dimension: Any, upper: bool
) -> None:
    keys: dict[str, Any] = {
        "spec": SPEC_OF_MANY,
        "search": {"sobol": {"trials": 40}} if isinstance(dimension, dict) else "grid",
        "space": {key: dimension},
    }
    with study(tmp_path, **keys) as ledger:
        batch(ledger, 0)
        for trial, settings in list(ledger.state.trials()):
            value = float(settings[key])
            end(ledger, Job(trial, 0), {LOSS: -value if upper else value})
        found = advise(ledger.plan, leaderboard(ledger.plan, ledger.state))
    for each in found:
        assert f"the {'upper' if upper else 'lower'} end" in each.reason
        if each.text:
            space = read_plan(tmp_path / "search.yaml", [f"space.{key}={each.text}"]).space
            assert space.dimensions[key] != ledger.plan.space.dimensions[key]
    if key == "params.units" and upper:
        assert [each.text for each in found] == ["[4, 8, 16, 32]"]
